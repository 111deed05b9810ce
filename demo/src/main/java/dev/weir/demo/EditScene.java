package dev.weir.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A policy is edited, and holds on connections that were open before. */
final class EditScene implements Scene {
  private static final String FILE = "payments.yaml";
  private static final String PATH = "/sale";
  private static final String LIMIT_ON_SALE =
      """
      ---
      apiVersion: weir.dev/v1alpha1
      kind: RateLimitPolicy
      metadata: {name: sale, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: payments}]
        limits:
        - {name: sale, scope: Replica, rate: 1/h, burst: 1, matches: [{path: {type: Exact, value: /sale}}]}
      """;
  private static final Duration LIMIT = Duration.ofSeconds(5);

  @Override
  public String name() {
    return "edit";
  }

  @Override
  public String title() {
    return "A policy file is edited: the new limit holds on open connections";
  }

  @Override
  public boolean play(Stage stage, Teller teller, Figures figures)
      throws IOException, InterruptedException {
    String before = stage.policies(FILE);
    try (OpenConnection http1 = new Http1Connection("payments", 8080);
        OpenConnection http2 = new H2cConnection("payments", 8080)) {
      boolean open = http1.get(PATH).ok() && http2.get(PATH).ok();
      teller.say(
          "an HTTP/1.1 and an HTTP/2 connection are open: %s", open ? "200 on both" : "not so");
      long edited = System.nanoTime();
      CompletableFuture<Double> onHttp1 = until(429, http1, edited);
      CompletableFuture<Double> onHttp2 = until(429, http2, edited);
      stage.edit(FILE, before + LIMIT_ON_SALE);
      double first = onHttp1.join();
      double second = onHttp2.join();
      teller.say(
          "a limit is added to %s: 429 after %.0f ms on HTTP/1.1, %.0f ms on HTTP/2",
          FILE, first, second);
      long restored = System.nanoTime();
      CompletableFuture<Double> lifted = until(200, http1, restored);
      stage.edit(FILE, before);
      teller.say("it is taken out again: 200 after %.0f ms on the same connection", lifted.join());
      figures.put("edit_to_http1_ms", first);
      figures.put("edit_to_http2_ms", second);
      return open;
    } catch (CompletionException e) {
      teller.say("%s", String.valueOf(e.getCause()));
      return false;
    } finally {
      stage.edit(FILE, before);
    }
  }

  /** Milliseconds from {@code start} to the first answer with {@code status}. */
  private static CompletableFuture<Double> until(
      int status, OpenConnection connection, long start) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            while (System.nanoTime() - start < LIMIT.toNanos()) {
              if (connection.get(PATH).status() == status) {
                return (System.nanoTime() - start) / 1e6;
              }
              Stage.pause(Duration.ofMillis(20));
            }
            throw new IOException("no " + status + " within " + LIMIT.toSeconds() + " s");
          } catch (IOException e) {
            throw new CompletionException(e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
          }
        },
        task -> Thread.ofVirtual().name("poll").start(task));
  }
}
