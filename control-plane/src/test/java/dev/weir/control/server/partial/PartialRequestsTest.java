package dev.weir.control.server.partial;

import static dev.weir.testkit.Http2Attacks.DATA;
import static dev.weir.testkit.Http2Attacks.END_HEADERS;
import static dev.weir.testkit.Http2Attacks.HEADERS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.testkit.Await;
import dev.weir.testkit.Http2Attacks;
import dev.weir.testkit.RawClient;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is counted of requests that are not whole, and who ends for it. */
class PartialRequestsTest {
  private static final int PART = 16 << 10;
  private static final int PADDED = 8;
  private static final int MOST = 3 * PART;
  private static final MethodDescriptor<byte[], byte[]> ECHO = method("Echo");
  private static final MethodDescriptor<byte[], byte[]> DEAF = method("Deaf");

  private final AtomicLong now = new AtomicLong();
  private final List<SocketAddress> ended = new CopyOnWriteArrayList<>();
  private final PartialRequests partial = new PartialRequests(MOST, now::get, ended::add);
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private Server server;

  @SuppressWarnings("NullAway.Init")
  PartialRequestsTest() {}

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .channelFactory(this::listening)
            .addStreamTracerFactory(partial.tracers())
            .addService(
                ServerServiceDefinition.builder("test")
                    .addMethod(ECHO, (call, headers) -> echo(call))
                    .addMethod(DEAF, (call, headers) -> new ServerCall.Listener<>() {})
                    .build())
            .build()
            .start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.shutdownNow();
    assertTrue(server.awaitTermination(20, TimeUnit.SECONDS));
    loops.shutdownGracefully();
  }

  private ServerChannel listening() {
    NioServerSocketChannel channel = new NioServerSocketChannel();
    channel.pipeline().addFirst(partial);
    return channel;
  }

  private static ServerCall.Listener<byte[]> echo(ServerCall<byte[], byte[]> call) {
    call.request(1);
    return new ServerCall.Listener<>() {
      @Override
      public void onMessage(byte[] message) {
        call.sendHeaders(new Metadata());
        call.sendMessage(message);
        call.close(Status.OK, new Metadata());
      }
    };
  }

  private static MethodDescriptor<byte[], byte[]> method(String name) {
    MethodDescriptor.Marshaller<byte[]> bytes =
        new MethodDescriptor.Marshaller<>() {
          @Override
          public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
          }

          @Override
          public byte[] parse(InputStream stream) {
            try (stream) {
              return stream.readAllBytes();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    return MethodDescriptor.newBuilder(bytes, bytes)
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName("test/" + name)
        .build();
  }

  /** A client that has begun a call of a method. */
  private RawClient caller(MethodDescriptor<?, ?> of) throws IOException {
    ByteBuf out = Http2Attacks.opening();
    byte[] head =
        Http2Attacks.request(
            "POST",
            "/" + of.getFullMethodName(),
            "content-type",
            "application/grpc",
            "te",
            "trailers");
    Http2Attacks.frame(out, HEADERS, END_HEADERS, 1, head);
    return new RawClient(server.getPort()).send(text(out));
  }

  /** Of a message of a MiB the first bytes, in so many frames of the same size. */
  private static String part(int bytes, int frames) {
    byte[] all =
        Http2Attacks.bytes(
            Unpooled.buffer().writeByte(0).writeInt(1 << 20).writeZero(bytes - Integer.BYTES - 1));
    ByteBuf out = Unpooled.buffer();
    int size = bytes / frames;
    for (int i = 0; i < frames; i++) {
      byte[] one = new byte[size];
      System.arraycopy(all, i * size, one, 0, size);
      Http2Attacks.frame(out, DATA, 0, 1, one);
    }
    return text(out);
  }

  private static String text(ByteBuf bytes) {
    return new String(Http2Attacks.bytes(bytes), StandardCharsets.ISO_8859_1);
  }

  private void awaitAtLeast(long bytes) {
    Await.until(() -> partial.bytes() >= bytes, () -> partial.bytes() + " of " + bytes);
  }

  /** Before gRPC has asked for it, a part is nobody's debt. */
  private void awaitOwing(long connections) {
    Await.until(() -> partial.owing() >= connections, () -> partial.owing() + " owe");
  }

  private void awaitNone() {
    Await.until(() -> partial.bytes() == 0, () -> partial.bytes() + " are left");
  }

  @Test
  void whoBeganLongAgoEnds() throws IOException {
    try (RawClient first = caller(ECHO).send(part(PART, 1))) {
      awaitAtLeast(PART);
      awaitOwing(1);
      now.addAndGet(Duration.ofSeconds(10).toNanos());
      try (RawClient second = caller(ECHO).send(part(PART, 1))) {
        awaitAtLeast(2 * PART);
        try (RawClient third = caller(ECHO).send(part(PART, 1))) {
          first.rest();
          Await.until(() -> !ended.isEmpty());
          assertEquals(InetSocketAddress.class, ended.getFirst().getClass());
          awaitAtLeast(2 * PART);
          assertTrue(partial.bytes() < MOST);
          assertEquals(1, ended.size());
        }
      }
    }
    awaitNone();
  }

  @Test
  void newestEndsWhereNobodyHadTheTime() throws IOException {
    List<RawClient> clients = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      clients.add(caller(ECHO).send(part(PART, 1)));
      awaitAtLeast((long) i * PART);
      awaitOwing(i);
    }
    assertEquals(List.of(), ended);
    try (RawClient last = caller(ECHO).send(part(PART, 1))) {
      last.rest();
    }
    Await.until(() -> ended.size() == 1);
    awaitAtLeast(5 * PART);
    for (RawClient each : clients) {
      each.close();
    }
    awaitNone();
  }

  @Test
  void partsThatHoldNothingCountAsLongAsTheConnectionLasts() throws IOException {
    ByteBuf padded = Unpooled.buffer();
    for (int i = 0; i < 100; i++) {
      Http2Attacks.frame(padded, DATA, PADDED, 1, new byte[] {3, 0, 0, 0});
    }
    try (RawClient client = caller(ECHO).send(text(padded))) {
      awaitAtLeast(100 * PartialConnection.OF_A_PART);
    }
    awaitNone();
  }

  @Test
  void whoLeavesCountsNoMore() throws IOException {
    try (RawClient client = caller(ECHO).send(part(PART, 1))) {
      awaitAtLeast(PART);
    }
    awaitNone();
    assertEquals(List.of(), ended);
  }

  @Test
  void smallPartsCountForWhatHoldsThem() throws IOException {
    try (RawClient client = caller(ECHO).send(part(100, 100))) {
      awaitAtLeast(90 * PartialConnection.OF_A_PART);
    }
  }

  @Test
  void whatNobodyAskedForCounts() throws IOException {
    try (RawClient client = caller(DEAF).send(part(1000, 10))) {
      awaitAtLeast(1000 + 10 * PartialConnection.OF_A_PART);
    }
  }

  @Test
  void halfOfAFrameCounts() throws IOException {
    String whole = part(PART, 1);
    try (RawClient client = caller(ECHO).send(whole.substring(0, PART / 2))) {
      awaitAtLeast(PART / 2);
    }
  }

  @Test
  void wholeRequestLeavesNothing() throws InterruptedException {
    byte[] request = new byte[2 * PART];
    request[PART] = 7;
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", server.getPort()).usePlaintext().build();
    try {
      for (int i = 0; i < 5; i++) {
        assertArrayEquals(
            request, ClientCalls.blockingUnaryCall(channel, ECHO, CallOptions.DEFAULT, request));
      }
      awaitNone();
      assertEquals(List.of(), ended);
    } finally {
      channel.shutdownNow();
      assertTrue(channel.awaitTermination(20, TimeUnit.SECONDS));
    }
  }
}
