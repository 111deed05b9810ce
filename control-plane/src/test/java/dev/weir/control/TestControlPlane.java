package dev.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.source.reader.Finding;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The real control plane over a folder, on free ports of loopback. */
public final class TestControlPlane implements AutoCloseable {
  private final Path folder;
  private final List<Throwable> mistakes = new CopyOnWriteArrayList<>();
  private final List<String> refusals = new CopyOnWriteArrayList<>();
  private final BlockingQueue<List<Finding>> reports = new LinkedBlockingQueue<>();
  private Duration warmUp = Duration.ZERO;
  private final Duration deadAfter;
  private Optional<Path> state = Optional.empty();
  private volatile Duration ahead = Duration.ZERO;
  private final Clock clock =
      new Clock() {
        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return Instant.now().plus(ahead);
        }
      };
  private final Optional<Settings.Security> security;
  private ControlPlane running;

  /** One that keeps nothing for its next start. */
  public TestControlPlane(Path folder) throws IOException {
    this(folder, Optional.empty());
  }

  /** One that keeps its state in a folder. */
  public TestControlPlane(Path folder, Optional<Path> state) throws IOException {
    this(folder, state, Optional.empty());
  }

  /** One that tells its clients apart. */
  public TestControlPlane(Path folder, Optional<Path> state, Optional<Settings.Security> security)
      throws IOException {
    this(folder, state, security, Duration.ofSeconds(25));
  }

  /** One that gives up clients that do not answer after so long. */
  public TestControlPlane(Path folder, Duration deadAfter) throws IOException {
    this(folder, Optional.empty(), Optional.empty(), deadAfter);
  }

  private TestControlPlane(
      Path folder, Optional<Path> state, Optional<Settings.Security> security, Duration deadAfter)
      throws IOException {
    this.folder = folder;
    this.state = state;
    this.security = security;
    this.deadAfter = deadAfter;
    this.running = start(0);
  }

  private ControlPlane start(int port) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    return new ControlPlane(
        new Settings(
            Optional.of(folder),
            Optional.empty(),
            new InetSocketAddress(loopback, port),
            new InetSocketAddress(loopback, 0),
            Optional.of(new InetSocketAddress(loopback, 0)),
            Duration.ofMillis(10),
            Duration.ofSeconds(1),
            deadAfter,
            warmUp,
            Duration.ofSeconds(1),
            state,
            security),
        clock,
        linked -> reports.add(linked.findings()),
        refusals::add,
        mistakes::add);
  }

  /** Its clock goes ahead of the others'. */
  public void advance(Duration by) {
    ahead = by;
  }

  /** What proxies did not take, as it was told. */
  public List<String> refusals() {
    return refusals;
  }

  /** Ends it and starts another on the same port. */
  public void restart(Duration newWarmUp) throws IOException {
    int port = running.listen().getPort();
    running.close();
    warmUp = newWarmUp;
    running = start(port);
  }

  /** What it does at a signal, before it ends. */
  public void drain() throws IOException {
    running.drain();
  }

  /** A file with Services of one port, 8080. */
  public static void services(Path folder, String... names) throws IOException {
    for (String name : names) {
      Files.writeString(
          folder.resolve(name + ".yaml"),
          """
          apiVersion: v1
          kind: Service
          metadata: {name: %s, namespace: shop}
          spec: {ports: [{name: http, port: 8080}]}
          """
              .formatted(name));
    }
  }

  /** A ResiliencePolicy of a service, in a file of its own. */
  public static void timeout(Path folder, String service, String timeout) throws IOException {
    Files.writeString(
        folder.resolve(service + "-policy.yaml"),
        """
        apiVersion: weir.dev/v1alpha1
        kind: ResiliencePolicy
        metadata: {name: %1$s, namespace: shop}
        spec:
          targetRefs: [{group: "", kind: Service, name: %1$s}]
          timeouts: {request: %2$s}
        """
            .formatted(service, timeout));
  }

  /** The program itself. */
  public ControlPlane running() {
    return running;
  }

  public InetSocketAddress listen() {
    return running.listen();
  }

  public ManagedChannel channel() {
    return NettyChannelBuilder.forAddress(running.listen()).usePlaintext().build();
  }

  /** What it finds next that is other than before; the first is what it found at its start. */
  public List<Finding> nextReport() throws InterruptedException {
    List<Finding> findings = reports.poll(20, TimeUnit.SECONDS);
    if (findings == null) {
      throw new AssertionError("no other findings");
    }
    return findings;
  }

  /** A page of the admin API. */
  public String page(String path) {
    return page(running.admin(), path);
  }

  /** What Prometheus reads. */
  public String metrics() {
    return page(running.metrics().orElseThrow(), "/metrics");
  }

  private static String page(InetSocketAddress at, String path) {
    URI uri = URI.create("http://127.0.0.1:" + at.getPort() + path);
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Asks for a page until it says {@code text}, or no longer does. */
  public void awaitPage(String path, String text, boolean present) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    String page = page(path);
    while (page.contains(text) != present) {
      if (System.nanoTime() > end) {
        throw new AssertionError(path + " says " + page);
      }
      page = page(path);
    }
  }

  @Override
  public void close() throws IOException {
    running.close();
    assertEquals(List.of(), mistakes);
  }
}
