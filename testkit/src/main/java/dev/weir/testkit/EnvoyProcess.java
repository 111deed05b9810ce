package dev.weir.testkit;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Real Envoy by a bootstrap, to be asked what a sidecar is asked. Ports in it are 0. */
public final class EnvoyProcess implements AutoCloseable {
  private static final Duration LONGEST_START = Duration.ofSeconds(30);

  private final Process process;
  private final Path log;
  private final String admin;
  private final HttpClient client = HttpClient.newHttpClient();

  private EnvoyProcess(Process process, Path log, String admin) {
    this.process = process;
    this.log = log;
    this.admin = admin;
  }

  /**
   * Starts it, and waits until its listeners listen.
   *
   * @param yaml a bootstrap with {@code admin}
   * @param folder where its files go
   */
  public static EnvoyProcess start(String yaml, Path folder) throws IOException {
    Path work = Files.createTempDirectory(folder, "envoy");
    Path bootstrap = Files.writeString(work.resolve("envoy.yaml"), yaml);
    Path address = work.resolve("admin");
    Path log = work.resolve("log");
    Process process =
        new ProcessBuilder(
                EnvoyBinary.find().toString(),
                "-c",
                bootstrap.toString(),
                "--concurrency",
                "1",
                "--disable-hot-restart",
                "--log-level",
                "warning",
                "--admin-address-path",
                address.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      await(process, log, () -> Files.exists(address) && Files.size(address) > 0);
      EnvoyProcess envoy = new EnvoyProcess(process, log, Files.readString(address));
      await(process, log, () -> envoy.page("/ready").statusCode() == 200);
      return envoy;
    } catch (IOException | RuntimeException | AssertionError e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Process process, Path log, Condition condition) throws IOException {
    long end = System.nanoTime() + LONGEST_START.toNanos();
    while (!condition.holds()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new AssertionError("Envoy has not started: " + Files.readString(log));
      }
      Thread.onSpinWait();
    }
  }

  private HttpResponse<String> page(String path) throws IOException {
    try {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://" + admin + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Of the listener called {@code in}. */
  public int port() throws IOException {
    return port("in");
  }

  public int port(String listener) throws IOException {
    String listeners = page("/listeners").body();
    return listeners
        .lines()
        .filter(line -> line.startsWith(listener + "::"))
        .map(line -> Integer.parseInt(line.substring(line.lastIndexOf(':') + 1).strip()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(listeners));
  }

  /** What it has said. */
  public String log() throws IOException {
    return Files.readString(log);
  }

  @Override
  public void close() {
    client.close();
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
