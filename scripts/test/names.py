"""A name server at port 53 of an address, by UDP: it knows one name, and denies the others."""

import socket
import sys

address, name, value = sys.argv[1:]
known = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((address, 53))
while True:
    question, asker = server.recvfrom(512)
    end = question.index(b"\0", 12) + 5
    asked, kind = question[12 : end - 4], question[end - 4 : end - 2]
    found = asked == known and kind == b"\0\1"
    answer = question[:2] + (b"\x81\x80" if asked == known else b"\x81\x83") + b"\0\1" + bytes([0, found]) + bytes(4)
    answer += question[12:end]
    if found:
        answer += b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(value)
    server.sendto(answer, asker)
