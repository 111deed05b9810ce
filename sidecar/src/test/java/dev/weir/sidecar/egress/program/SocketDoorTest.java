package dev.weir.sidecar.egress.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.egress.Egress;
import dev.weir.sidecar.egress.Ipv4Range;
import dev.weir.sidecar.egress.WayOut;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.testkit.IncidentGuard;
import dev.weir.testkit.ClosedPort;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sockets that another program made; that they are of its network is the namespaces' test. */
class SocketDoorTest {
  @TempDir Path folder;
  private final List<String> said = new ArrayList<>();
  private Loops loops;
  private WayOut wayOut;
  private SocketDoor door;

  @BeforeEach
  void start() throws IOException {
    loops = new Loops(1, true, Clock.SYSTEM, new SplittableRandom(1), IncidentGuard.incidents());
    Path file = folder.resolve("door");
    door = SocketDoor.open(file);
    wayOut = new WayOut(new Egress(Optional.of(file), Ipv4Range.parse("10.88.0.0/16")), said::add);
  }

  @AfterEach
  void stop() {
    door.close();
    loops.close();
  }

  private FileDescriptor take() throws Exception {
    CompletableFuture<FileDescriptor> taken = new CompletableFuture<>();
    Loop loop = loops.get(0);
    loop.eventLoop()
        .execute(() ->
            wayOut.take(
                loop,
                new WayOut.Outcome() {
                  @Override
                  public void taken(FileDescriptor socket) {
                    taken.complete(socket);
                  }

                  @Override
                  public void failed(String reason) {
                    taken.completeExceptionally(new IOException(reason));
                  }
                }));
    return taken.get(10, TimeUnit.SECONDS);
  }

  private ChannelFuture connect(FileDescriptor socket, int port) {
    return new Bootstrap()
        .group(loops.get(0).eventLoop())
        .channelFactory(() -> {
          try {
            return WayOut.channel(socket);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        })
        .handler(new ChannelInboundHandlerAdapter())
        .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        .awaitUninterruptibly();
  }

  @Test
  void aSocketThatWasTakenConnectsAndCarriesBytesAsAnyOther() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Channel channel = connect(take(), server.getLocalPort()).channel();
      door.close(); // it is not needed any more
      try (Socket accepted = server.accept()) {
        channel.writeAndFlush(Unpooled.copiedBuffer("hello", UTF_8)).awaitUninterruptibly();
        assertEquals("hello", new String(accepted.getInputStream().readNBytes(5), UTF_8));
        assertEquals(accepted.getRemoteSocketAddress(), channel.localAddress());
        channel.close().awaitUninterruptibly();
        assertEquals(-1, accepted.getInputStream().read());
      }
    }
  }

  @Test
  void whatRefusesAConnectionRefusesThisOne() throws Exception {
    try (ClosedPort closed = new ClosedPort()) {
      ChannelFuture connected = connect(take(), closed.port());
      assertEquals(java.net.ConnectException.class, connected.cause().getClass().getSuperclass());
    }
  }

  @Test
  void withoutADoorAConnectionFailsAtOnce() {
    door.close();

    ExecutionException failure = assertThrows(ExecutionException.class, this::take);

    assertTrue(
        String.valueOf(failure.getCause()).endsWith("the way out of the mesh is gone"),
        String.valueOf(failure.getCause()));
  }

  @Test
  void whereThereIsToBeNoDoorEachConnectionFailsAtOnceAndThatIsSaid() {
    wayOut = new WayOut(new Egress(Optional.empty(), Ipv4Range.parse("10.88.0.0/16")), said::add);

    ExecutionException failure = assertThrows(ExecutionException.class, this::take);
    wayOut.unreachable(
        new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 443), "this member is isolated");

    assertTrue(
        String.valueOf(failure.getCause()).endsWith("this member is isolated"),
        String.valueOf(failure.getCause()));
    assertEquals(List.of("192.0.2.1:443, outside of the mesh; this member is isolated"), said);
  }

  @Test
  void anAddressThatCannotBeReachedIsSaidOnce() {
    InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 443);

    wayOut.unreachable(address, "connection_refused");
    wayOut.unreachable(address, "connection_refused");

    assertEquals(
        List.of("192.0.2.1:443, outside of the mesh, cannot be reached: connection_refused"), said);
  }
}
