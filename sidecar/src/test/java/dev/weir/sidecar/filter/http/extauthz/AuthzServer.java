package dev.weir.sidecar.filter.http.extauthz;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A real authorization server of gRPC that answers as the test says. */
final class AuthzServer implements AutoCloseable {
  static final CheckResponse OK = CheckResponse.getDefaultInstance();
  static final CheckResponse DENIED =
      CheckResponse.newBuilder().setStatus(Status.newBuilder().setCode(7)).build();

  /** Answers one check, now or later or never. */
  interface Script {
    void answer(AttributeContext asked, StreamObserver<CheckResponse> to);
  }

  private final Server server;
  private final BlockingQueue<AttributeContext> asked = new LinkedBlockingQueue<>();
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private volatile Script script;

  AuthzServer(Script script) throws IOException {
    this.script = script;
    MethodDescriptor<CheckRequest, CheckResponse> method =
        MethodDescriptor.<CheckRequest, CheckResponse>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("envoy.service.auth.v3.Authorization/Check")
            .setRequestMarshaller(ProtoUtils.marshaller(CheckRequest.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(CheckResponse.getDefaultInstance()))
            .build();
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                ServerServiceDefinition.builder("envoy.service.auth.v3.Authorization")
                    .addMethod(method, ServerCalls.asyncUnaryCall(this::check))
                    .build())
            .build()
            .start();
  }

  static AuthzServer answering(CheckResponse response) throws IOException {
    return new AuthzServer((asked, to) -> answer(response, to));
  }

  static AuthzServer silent() throws IOException {
    return new AuthzServer((asked, to) -> {});
  }

  static void answer(CheckResponse response, StreamObserver<CheckResponse> to) {
    to.onNext(response);
    to.onCompleted();
  }

  private void check(CheckRequest request, StreamObserver<CheckResponse> to) {
    ((ServerCallStreamObserver<CheckResponse>) to).setOnCancelHandler(cancelled::countDown);
    asked.add(request.getAttributes());
    script.answer(request.getAttributes(), to);
  }

  void answer(CheckResponse response) {
    script = (asked, to) -> answer(response, to);
  }

  /** The next check; fails the test after five seconds. */
  AttributeContext next() throws InterruptedException {
    AttributeContext one = asked.poll(5, TimeUnit.SECONDS);
    if (one == null) {
      throw new AssertionError("nobody asked within 5 s");
    }
    return one;
  }

  int waiting() {
    return asked.size();
  }

  boolean cancelled() throws InterruptedException {
    return cancelled.await(5, TimeUnit.SECONDS);
  }

  int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
