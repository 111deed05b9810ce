package dev.weir.control.metrics;

import dev.weir.control.json.JsonServers;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers Prometheus at {@code /metrics}, in its text and in OpenMetrics, and nobody else. */
public final class MetricsServer implements AutoCloseable {
  /** Who asks more often at once waits. */
  private static final int THREADS = 4;

  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS, Thread.ofPlatform().name("metrics-", 0).daemon().factory());
  private final HTTPServer server;

  public MetricsServer(InetSocketAddress address, Meters meters) throws IOException {
    JsonServers.bound();
    try {
      this.server =
          HTTPServer.builder()
              .inetAddress(address.getAddress())
              .port(address.getPort())
              .registry(meters.registry())
              .executorService(threads)
              .buildAndStart();
    } catch (IOException e) {
      threads.shutdown();
      throw e;
    }
  }

  public int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.stop();
    threads.shutdown();
  }
}
