package dev.weir.control.injector;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.weir.control.json.JsonServers;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/** Answers the API server's questions about what is about to be written (AdmissionReview v1). */
public final class AdmissionServer implements AutoCloseable {
  private static final int MOST_BYTES = 3 << 20;

  /** Each may have so much in memory, and ask the API server in its turn. */
  private static final int MOST_AT_ONCE = 16;

  /** The API server itself waits for ten, if nobody says otherwise. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(4);

  /** The kubelet asks here. */
  private static final String READY = "/ready";

  /** A review of one request: its {@code request}, as a map. It may wait for the API server. */
  public interface Review {
    /** What is answered but for the {@code uid}: {@code allowed}, and what goes with it. */
    Map<String, Object> of(Map<String, Object> request);
  }

  private final Semaphore room = new Semaphore(MOST_AT_ONCE);
  private final HttpsServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Review> reviews;
  private final Callable<?> ready;
  private final BiConsumer<String, String> reviewed;
  private final Consumer<Throwable> failed;
  private final KubernetesSerialization json = new KubernetesSerialization();

  /**
   * It listens when this returns.
   *
   * @param reviews by path
   * @param ready what {@code /ready} answers; what it throws says why it is not
   * @param reviewed is told of each review its path, and what became of it: allowed, patched,
   *     refused or mistake
   * @param failed is told of a mistake of the program's own, for which 500 is answered
   */
  public AdmissionServer(
      InetSocketAddress address,
      SSLContext tls,
      Map<String, Review> reviews,
      Callable<?> ready,
      BiConsumer<String, String> reviewed,
      Consumer<Throwable> failed)
      throws IOException {
    this.reviewed = reviewed;
    this.reviews = new TreeMap<>(reviews);
    this.ready = ready;
    this.failed = failed;
    JsonServers.bound();
    this.server = HttpsServer.create(address, 64);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      Review review = reviews.get(path);
      if (path.equals(READY) && exchange.getRequestMethod().equals("GET")) {
        ready(exchange);
      } else if (review == null) {
        JsonServers.respond(
            exchange, 404, Map.of("error", "no such review", "reviews", reviews.keySet()));
      } else if (!exchange.getRequestMethod().equals("POST")) {
        JsonServers.respond(exchange, 405, Map.of("error", "only POST"));
      } else {
        review(exchange, review);
      }
    }
  }

  private void ready(HttpExchange exchange) throws IOException {
    try {
      JsonServers.respond(exchange, 200, ready.call());
    } catch (Exception e) {
      JsonServers.respond(exchange, 503, Map.of("error", String.valueOf(e.getMessage())));
    }
  }

  private void review(HttpExchange exchange, Review review) throws IOException {
    try {
      // The others wait with their bodies unread: many pods may be made at once.
      if (!room.tryAcquire(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        JsonServers.respond(exchange, 429, Map.of("error", "too many reviews at once"));
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    try {
      admit(exchange, review);
    } finally {
      room.release();
    }
  }

  private void admit(HttpExchange exchange, Review review) throws IOException {
    Map<String, Object> request;
    try {
      request = request(exchange.getRequestBody());
    } catch (IllegalArgumentException e) {
      JsonServers.respond(exchange, 400, Map.of("error", String.valueOf(e.getMessage())));
      return;
    }
    Map<String, Object> response = new LinkedHashMap<>();
    try {
      response.put("uid", Tree.text(request, "uid"));
      response.putAll(review.of(request));
    } catch (RuntimeException mistake) {
      failed.accept(mistake);
      reviewed.accept(exchange.getRequestURI().getPath(), "mistake");
      JsonServers.respond(exchange, 500, Map.of("error", "a mistake of the control plane's own"));
      return;
    }
    reviewed.accept(exchange.getRequestURI().getPath(), inAWord(response));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("apiVersion", "admission.k8s.io/v1");
    answer.put("kind", "AdmissionReview");
    answer.put("response", response);
    JsonServers.respond(exchange, 200, answer);
  }

  private static String inAWord(Map<String, Object> response) {
    if (!Boolean.TRUE.equals(response.get("allowed"))) {
      return "refused";
    }
    return response.containsKey("patch") ? "patched" : "allowed";
  }

  private Map<String, Object> request(InputStream body) throws IOException {
    byte[] bytes = body.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw new IllegalArgumentException("more than " + MOST_BYTES + " bytes");
    }
    Map<?, ?> review;
    try {
      review = json.unmarshal(new String(bytes, StandardCharsets.UTF_8), Map.class);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("the body is no JSON", e);
    }
    if (review == null || !(review.get("request") instanceof Map<?, ?> request)) {
      throw new IllegalArgumentException("the body is no AdmissionReview with a request");
    }
    Map<String, Object> map = new LinkedHashMap<>();
    request.forEach((key, value) -> map.put(String.valueOf(key), value));
    return map;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
  }
}
