package dev.weir.testkit;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A real name server on a port of the loopback, over UDP and TCP, that says what the test tells it
 * to. A name that it was not told of does not exist (NXDOMAIN).
 */
public final class TestDnsServer implements AutoCloseable {
  public static final int SERVFAIL = 2;
  public static final int REFUSED = 5;

  private static final int NXDOMAIN = 3;
  private static final int A = 1;
  private static final int CNAME = 5;
  private static final int AAAA = 28;

  private sealed interface Zone {
    record Addresses(List<InetAddress> addresses, int ttl) implements Zone {}

    record Alias(String of, int ttl) implements Zone {}

    record Code(int code) implements Zone {}

    record Silence() implements Zone {}

    record Garbage(int length) implements Zone {}

    record OfAnother(String name, InetAddress address) implements Zone {}
  }

  /** On one port. */
  private record Sockets(DatagramSocket udp, ServerSocket tcp) {
    static Sockets open(InetAddress address) throws IOException {
      while (true) {
        DatagramSocket udp = new DatagramSocket(0, address);
        try {
          return new Sockets(udp, new ServerSocket(udp.getLocalPort(), 16, address));
        } catch (BindException taken) {
          udp.close();
        }
      }
    }
  }

  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private final Map<String, Zone> zones = new ConcurrentHashMap<>();
  private final Queue<String> questions = new ConcurrentLinkedQueue<>();
  private final Set<String> cut = ConcurrentHashMap.newKeySet();
  private volatile boolean truncating;

  public TestDnsServer() throws IOException {
    Sockets sockets = Sockets.open(InetAddress.getLoopbackAddress());
    udp = sockets.udp();
    tcp = sockets.tcp();
    Thread.ofVirtual().start(this::serveUdp);
    Thread.ofVirtual().start(this::serveTcp);
  }

  public int port() {
    return udp.getLocalPort();
  }

  /** {@code name} has these addresses, IPv4 and IPv6, and no others. */
  public void answer(String name, int ttlSeconds, String... addresses) {
    List<InetAddress> parsed = new ArrayList<>();
    for (String address : addresses) {
      parsed.add(InetAddress.ofLiteral(address));
    }
    zones.put(name, new Zone.Addresses(parsed, ttlSeconds));
  }

  /** {@code name} is another name of {@code of}, which has to have addresses. */
  public void alias(String name, int ttlSeconds, String of) {
    zones.put(name, new Zone.Alias(of, ttlSeconds));
  }

  /** Questions about {@code name} are answered with {@code code} and nothing else. */
  public void refuse(String name, int code) {
    zones.put(name, new Zone.Code(code));
  }

  /** {@code name} does not exist. */
  public void forget(String name) {
    zones.remove(name);
  }

  /** Questions about {@code name} are not answered. */
  public void ignore(String name) {
    zones.put(name, new Zone.Silence());
  }

  /** Questions about {@code name} are answered with an address of {@code another}. */
  public void misattribute(String name, String another, String address) {
    zones.put(name, new Zone.OfAnother(another, InetAddress.ofLiteral(address)));
  }

  /** Questions about {@code name} are answered with their identifier and so many bytes more. */
  public void garble(String name, int length) {
    zones.put(name, new Zone.Garbage(length));
  }

  /** Answers about {@code name} are cut within their last record, but for those by TCP. */
  public void cut(String name) {
    cut.add(name);
  }

  /** Nothing is answered by TCP any more. */
  public void closeTcp() throws IOException {
    tcp.close();
  }

  /** What is asked by UDP is answered by TCP only. */
  public void truncate() {
    truncating = true;
  }

  /** All that was asked so far, {@code app.test A}; over TCP {@code app.test A tcp}. */
  public List<String> questions() {
    return List.copyOf(questions);
  }

  private void serveUdp() {
    byte[] buffer = new byte[4096];
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        udp.receive(packet);
        Optional<byte[]> answer = answer(buffer, truncating, "");
        if (answer.isPresent()) {
          udp.send(
              new DatagramPacket(answer.get(), answer.get().length, packet.getSocketAddress()));
        }
      }
    } catch (IOException e) {
      if (!udp.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serveTcp() {
    try {
      while (true) {
        try (Socket socket = tcp.accept()) {
          DataInputStream in = new DataInputStream(socket.getInputStream());
          Optional<byte[]> answer = answer(in.readNBytes(in.readUnsignedShort()), false, " tcp");
          if (answer.isPresent()) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeShort(answer.get().length);
            out.write(answer.get());
          }
        }
      }
    } catch (IOException e) {
      if (!tcp.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Of one question, RFC 1035 4.1; nothing else of the query is looked at. */
  private Optional<byte[]> answer(byte[] query, boolean truncate, String how) throws IOException {
    StringBuilder text = new StringBuilder();
    int at = 12;
    while (query[at] != 0) {
      text.append(text.isEmpty() ? "" : ".")
          .append(new String(query, at + 1, query[at], StandardCharsets.ISO_8859_1));
      at += query[at] + 1;
    }
    String name = text.toString().toLowerCase(Locale.ROOT);
    int type = (query[at + 1] & 0xff) << 8 | query[at + 2] & 0xff;
    questions.add(name + (type == A ? " A" : type == AAAA ? " AAAA" : " " + type) + how);
    Zone zone = zones.getOrDefault(name, new Zone.Code(NXDOMAIN));
    if (zone instanceof Zone.Silence) {
      return Optional.empty();
    }
    if (zone instanceof Zone.Garbage(int length)) {
      byte[] garbage = new byte[2 + length];
      Arrays.fill(garbage, (byte) 0x81);
      System.arraycopy(query, 0, garbage, 0, 2);
      return Optional.of(garbage);
    }
    int code = zone instanceof Zone.Code refusal ? refusal.code() : 0;
    byte[] inQuestion = {(byte) 0xc0, 12};
    List<byte[]> records = truncate ? List.of() : records(inQuestion, zone, type);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(query, 0, 2);
    out.writeShort(0x8180 | (truncate ? 0x200 : 0) | code); // a response, recursion is to be had
    out.writeShort(1);
    out.writeShort(records.size());
    out.writeInt(0);
    out.write(query, 12, at + 5 - 12);
    for (byte[] record : records) {
      out.write(record);
    }
    byte[] whole = bytes.toByteArray();
    return Optional.of(
        cut.contains(name) && how.isEmpty() ? Arrays.copyOf(whole, whole.length - 3) : whole);
  }

  private List<byte[]> records(byte[] owner, Zone zone, int type) throws IOException {
    List<byte[]> records = new ArrayList<>();
    switch (zone) {
      case Zone.Addresses(List<InetAddress> addresses, int ttl) -> {
        for (InetAddress address : addresses) {
          byte[] content = address.getAddress();
          if (type == (content.length == 4 ? A : AAAA)) {
            records.add(record(owner, type, ttl, content));
          }
        }
      }
      case Zone.Alias(String of, int ttl) -> {
        byte[] target = encoded(of);
        records.add(record(owner, CNAME, ttl, target));
        records.addAll(records(target, zones.getOrDefault(of, new Zone.Code(NXDOMAIN)), type));
      }
      case Zone.OfAnother(String another, InetAddress address) ->
          records.add(record(encoded(another), type, 60, address.getAddress()));
      case Zone.Code _, Zone.Silence _, Zone.Garbage _ -> {}
    }
    return records;
  }

  private static byte[] record(byte[] owner, int type, int ttl, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(owner);
    out.writeShort(type);
    out.writeShort(1);
    out.writeInt(ttl);
    out.writeShort(content.length);
    out.write(content);
    return bytes.toByteArray();
  }

  private static byte[] encoded(String name) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String label : name.split("\\.")) {
      bytes.write(label.length());
      bytes.write(label.getBytes(StandardCharsets.ISO_8859_1));
    }
    bytes.write(0);
    return bytes.toByteArray();
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }
}
