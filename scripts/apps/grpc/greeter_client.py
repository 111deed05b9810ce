"""The client of gRPC's quick start: greeter_client.py ADDRESS NAME."""
import sys

import grpc
import helloworld_pb2
import helloworld_pb2_grpc

with grpc.insecure_channel(sys.argv[1]) as channel:
    stub = helloworld_pb2_grpc.GreeterStub(channel)
    print(stub.SayHello(helloworld_pb2.HelloRequest(name=sys.argv[2]), timeout=30).message)
