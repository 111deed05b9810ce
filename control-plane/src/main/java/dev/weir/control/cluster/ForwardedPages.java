package dev.weir.control.cluster;

import dev.weir.control.model.ObjectName;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * Pages by the API server's port forwarding, which the kubelet leads to the pod's own loopback: a
 * proxy of the API server would call the pod's address, where nobody listens.
 */
public final class ForwardedPages implements PodPages, AutoCloseable {
  private static final Duration LONGEST = Duration.ofSeconds(15);
  private static final int MOST_BYTES = 64 << 20;

  private final KubernetesClient client;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(LONGEST).build();

  /**
   * @param client stays open
   */
  public ForwardedPages(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public String page(ObjectName pod, int port, String path) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (LocalPortForward forward =
        client
            .pods()
            .inNamespace(pod.namespace())
            .withName(pod.name())
            .portForward(port, loopback, 0)) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(
                      "http://" + loopback.getHostAddress() + ":" + forward.getLocalPort() + path))
              .timeout(LONGEST)
              .build();
      try {
        return body(http.send(request, BodyHandlers.ofInputStream()), path);
      } catch (IOException e) {
        throw new IOException(
            "port %d of pod %s cannot be asked: %s".formatted(port, pod, reason(forward, e)), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }

  private static String body(HttpResponse<InputStream> response, String path) throws IOException {
    try (InputStream body = response.body()) {
      byte[] bytes = body.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException(path + " is longer than " + (MOST_BYTES >> 20) + " MiB");
      }
      String text = new String(bytes, StandardCharsets.UTF_8);
      if (response.statusCode() != 200) {
        throw new IOException(path + " answers " + response.statusCode() + ": " + text.strip());
      }
      return text;
    }
  }

  /** What the API server said of it, if it did. */
  private static String reason(LocalPortForward forward, IOException seen) {
    return Stream.concat(
            forward.getServerThrowables().stream(), forward.getClientThrowables().stream())
        .map(Throwable::getMessage)
        .filter(message -> message != null && !message.isBlank())
        .findFirst()
        .orElseGet(() -> seen.getMessage() == null ? seen.toString() : seen.getMessage());
  }

  @Override
  public void close() {
    http.close();
  }
}
