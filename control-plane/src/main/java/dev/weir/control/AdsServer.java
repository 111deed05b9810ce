package dev.weir.control;

import dev.weir.control.server.AdsService;
import dev.weir.control.server.OpenStreams;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The port where sidecars connect: the streams, and what else is served beside them. */
final class AdsServer {
  /** What clients know Weir's control plane by. */
  private static final String IDENTIFIER = "weir";

  /** Room for the versions of 30,000 resources; 10,000 take about 1 MiB. */
  private static final int MAX_REQUEST_BYTES = 4 << 20;

  /** Of a connection; a sidecar makes a few. */
  private static final int MOST_CALLS = 100;

  /** Of streams on one connection, in so many seconds, whoever resets them; beyond, it ends. */
  private static final int MOST_RESETS = 1000;

  private static final int RESETS_SECONDS = 30;

  /** A request of 1,000 names comes at once. */
  private static final int WINDOW = 64 << 10;

  /** Of the time after which nothing was heard of a client, until it is asked for an answer. */
  private static final double UNTIL_ASKED = 0.6;

  private static final Duration LONGEST_END = Duration.ofSeconds(5);

  /** Streams end in so many shares, so that not all clients come back at once. */
  private static final int SHARES = 20;

  private static final Duration BETWEEN_SHARES = Duration.ofMillis(50);

  private final OpenStreams streams;
  private final ControlThread control;
  private final Server server;

  /**
   * Begins to serve.
   *
   * @param trust empty: in plain text
   * @param beside what is served beside the streams
   */
  AdsServer(
      Settings settings,
      Connections connections,
      OpenStreams streams,
      ControlThread control,
      Optional<Trust> trust,
      List<BindableService> beside)
      throws CannotListen {
    this.streams = streams;
    this.control = control;
    long deadAfter = settings.deadAfter().toMillis();
    long untilAsked = Math.round(deadAfter * UNTIL_ASKED);
    NettyServerBuilder builder =
        connections
            .server(settings.listen())
            .addService(new AdsService(streams, IDENTIFIER))
            .maxInboundMessageSize(MAX_REQUEST_BYTES)
            .maxConcurrentCallsPerConnection(MOST_CALLS)
            .flowControlWindow(WINDOW)
            .maxRstFramesPerWindow(MOST_RESETS, RESETS_SECONDS)
            .keepAliveTime(untilAsked, TimeUnit.MILLISECONDS)
            .keepAliveTimeout(deadAfter - untilAsked, TimeUnit.MILLISECONDS)
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true);
    beside.forEach(builder::addService);
    trust.ifPresent(one -> one.secure(builder, connections::listening));
    this.server = CannotListen.unless("--listen", settings.listen(), () -> builder.build().start());
  }

  InetSocketAddress address() {
    SocketAddress address = server.getListenSockets().getFirst();
    return (InetSocketAddress) address;
  }

  /**
   * Ends the streams cleanly, over a second if there are many: it says first that no stream shall
   * begin on the connections there are.
   */
  void drain() throws IOException {
    server.shutdown();
    try {
      int share = control.ask(() -> streams.end(0)) / SHARES + 1;
      while (control.ask(() -> streams.end(share)) > 0) {
        Thread.sleep(BETWEEN_SHARES);
      }
      server.awaitTermination(LONGEST_END.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("streams are cut: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Cuts the streams there are; {@link #awaitEnd} waits until they are over. */
  void shutdownNow() {
    server.shutdownNow();
  }

  void awaitEnd() throws IOException, InterruptedException {
    if (!server.awaitTermination(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException("streams did not end within " + LONGEST_END.toSeconds() + " s");
    }
  }
}
