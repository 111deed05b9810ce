package dev.weir.sidecar.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** gRPC's four kinds of calls, its errors, deadlines and cancels, by grpc-java on both sides. */
@Tag("slow")
class GrpcProxyTest {
  private static final String END = "(end)";

  private final BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
  private Server server;
  private TestSidecar sidecar;
  private ManagedChannel channel;

  private static final Marshaller<String> TEXT =
      new Marshaller<>() {
        @Override
        public InputStream stream(String value) {
          return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
          try {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private static MethodDescriptor<String, String> method(MethodType type) {
    return MethodDescriptor.<String, String>newBuilder(TEXT, TEXT)
        .setType(type)
        .setFullMethodName("test.Echo/" + type)
        .build();
  }

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                ServerServiceDefinition.builder("test.Echo")
                    .addMethod(method(MethodType.UNARY), ServerCalls.asyncUnaryCall(this::unary))
                    .addMethod(
                        method(MethodType.SERVER_STREAMING),
                        ServerCalls.asyncServerStreamingCall(GrpcProxyTest::many))
                    .addMethod(
                        method(MethodType.CLIENT_STREAMING),
                        ServerCalls.asyncClientStreamingCall(GrpcProxyTest::joined))
                    .addMethod(
                        method(MethodType.BIDI_STREAMING),
                        ServerCalls.asyncBidiStreamingCall(GrpcProxyTest::echoed))
                    .build())
            .build()
            .start();
    sidecar = TestConfig.to(server.getPort()).http2Upstream().start(2);
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", sidecar.port())
            .usePlaintext()
            .overrideAuthority("echo")
            .build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    sidecar.close();
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  private void unary(String request, StreamObserver<String> responses) {
    switch (request) {
      case "fail" ->
          responses.onError(
              Status.FAILED_PRECONDITION
                  .withDescription("not \u00fcber 100%")
                  .asRuntimeException());
      case "hang" ->
          ((io.grpc.stub.ServerCallStreamObserver<String>) responses)
              .setOnCancelHandler(() -> cancelled.add("cancelled"));
      default -> {
        responses.onNext(request);
        responses.onCompleted();
      }
    }
  }

  private static void many(String request, StreamObserver<String> responses) {
    for (int i = 0; i < Integer.parseInt(request); i++) {
      responses.onNext("part " + i);
    }
    responses.onCompleted();
  }

  private static StreamObserver<String> joined(StreamObserver<String> responses) {
    return new Collecting(new ArrayList<>()) {
      @Override
      public void onCompleted() {
        responses.onNext(String.join("+", seen));
        responses.onCompleted();
      }
    };
  }

  private static StreamObserver<String> echoed(StreamObserver<String> responses) {
    return new StreamObserver<>() {
      @Override
      public void onNext(String value) {
        responses.onNext("echo " + value);
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {
        responses.onCompleted();
      }
    };
  }

  private static class Collecting implements StreamObserver<String> {
    final java.util.Collection<String> seen;

    Collecting(java.util.Collection<String> seen) {
      this.seen = seen;
    }

    @Override
    public void onNext(String value) {
      seen.add(value);
    }

    @Override
    public void onError(Throwable failure) {
      seen.add(Status.fromThrowable(failure).getCode().name());
    }

    @Override
    public void onCompleted() {
      seen.add(END);
    }
  }

  private String call(String request) {
    return ClientCalls.blockingUnaryCall(
        (Channel) channel,
        method(MethodType.UNARY),
        CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS),
        request);
  }

  private static String take(BlockingQueue<String> queue) throws InterruptedException {
    String next = queue.poll(5, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing came within 5 s");
    }
    return next;
  }

  @Test
  void unaryCallsPass() {
    for (int i = 0; i < 50; i++) {
      assertEquals("hello " + i, call("hello " + i));
    }
    assertEquals("x".repeat(300_000), call("x".repeat(300_000)));
  }

  @Test
  void serverStreamPasses() {
    Iterator<String> parts =
        ClientCalls.blockingServerStreamingCall(
            (Channel) channel,
            method(MethodType.SERVER_STREAMING),
            CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS),
            "5000");
    List<String> all = new ArrayList<>();
    parts.forEachRemaining(all::add);
    assertEquals(5000, all.size());
    assertEquals("part 4999", all.getLast());
  }

  @Test
  void clientStreamPasses() throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    StreamObserver<String> requests =
        ClientCalls.asyncClientStreamingCall(
            channel.newCall(method(MethodType.CLIENT_STREAMING), CallOptions.DEFAULT),
            new Collecting(answers));
    requests.onNext("a");
    requests.onNext("b");
    requests.onCompleted();
    assertEquals("a+b", take(answers));
    assertEquals(END, take(answers));
  }

  @Test
  void bidirectionalStreamPassesEachMessageAsItComes() throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    StreamObserver<String> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(method(MethodType.BIDI_STREAMING), CallOptions.DEFAULT),
            new Collecting(answers));
    for (int i = 0; i < 20; i++) {
      requests.onNext("m" + i);
      assertEquals("echo m" + i, take(answers));
    }
    requests.onCompleted();
    assertEquals(END, take(answers));
  }

  @Test
  void statusAndItsMessagePass() {
    StatusRuntimeException failure = assertThrows(StatusRuntimeException.class, () -> call("fail"));
    assertEquals(Status.Code.FAILED_PRECONDITION, failure.getStatus().getCode());
    assertEquals("not \u00fcber 100%", failure.getStatus().getDescription());
  }

  @Test
  void deadlineOfTheCallerCancelsTheUpstreamCall() throws Exception {
    StatusRuntimeException failure =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                ClientCalls.blockingUnaryCall(
                    (Channel) channel,
                    method(MethodType.UNARY),
                    CallOptions.DEFAULT.withDeadlineAfter(200, TimeUnit.MILLISECONDS),
                    "hang"));
    assertEquals(Status.Code.DEADLINE_EXCEEDED, failure.getStatus().getCode());
    assertEquals("cancelled", take(cancelled));
    Await.until(() -> sidecar.stat("cluster.app.upstream_rq_active") == 0);
  }

  @Test
  void serverThatIsGoneIsUnavailableWithItsCause() throws Exception {
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    StatusRuntimeException failure =
        assertThrows(StatusRuntimeException.class, () -> call("hello"));
    assertEquals(Status.Code.UNAVAILABLE, failure.getStatus().getCode());
    assertTrue(
        String.valueOf(failure.getStatus().getDescription()).contains("connect-failure"),
        String.valueOf(failure.getStatus().getDescription()));
  }
}
