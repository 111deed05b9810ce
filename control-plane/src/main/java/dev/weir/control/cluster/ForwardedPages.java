package dev.weir.control.cluster;

import dev.weir.control.model.ObjectName;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
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
    return new String(ask(pod, port, "GET", path, LONGEST), StandardCharsets.UTF_8);
  }

  /**
   * What a page answers to another method, or with bytes.
   *
   * @param longest that it may take
   * @throws IOException it cannot be had, with the reason
   */
  public byte[] ask(ObjectName pod, int port, String method, String path, Duration longest)
      throws IOException {
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
              .method(method, BodyPublishers.noBody())
              .timeout(longest)
              .build();
      HttpResponse<InputStream> response;
      try {
        response = http.send(request, BodyHandlers.ofInputStream());
      } catch (IOException e) {
        throw new IOException(
            "port %d of pod %s cannot be asked: %s".formatted(port, pod, reason(pod, forward, e)),
            e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
      return body(response, "pod " + pod + ", " + path);
    }
  }

  private static byte[] body(HttpResponse<InputStream> response, String where) throws IOException {
    try (InputStream body = response.body()) {
      byte[] bytes = body.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException(where + " is longer than " + (MOST_BYTES >> 20) + " MiB");
      }
      if (response.statusCode() != 200) {
        throw new IOException(
            where
                + " answers "
                + response.statusCode()
                + ": "
                + new String(bytes, StandardCharsets.UTF_8).strip());
      }
      return bytes;
    }
  }

  /** The client says of a forwarding that the API server refuses nothing but that it ended. */
  private String reason(ObjectName pod, LocalPortForward forward, IOException seen) {
    try {
      if (!mayForward(pod)) {
        return "you may not forward ports in namespace %s (create pods/portforward)"
            .formatted(pod.namespace());
      }
      Pod now = client.pods().inNamespace(pod.namespace()).withName(pod.name()).get();
      String phase =
          now == null ? "gone" : now.getStatus() == null ? "Unknown" : now.getStatus().getPhase();
      if (!"Running".equals(phase)) {
        return "it is " + phase;
      }
    } catch (KubernetesClientException e) {
      return Cluster.said(e);
    }
    return Stream.concat(
            forward.getServerThrowables().stream(), forward.getClientThrowables().stream())
        .map(Throwable::getMessage)
        .filter(message -> message != null && !message.isBlank())
        .findFirst()
        .orElseGet(() ->
            "nobody answers there ("
                + (seen.getMessage() == null ? seen.toString() : seen.getMessage())
                + ")");
  }

  private boolean mayForward(ObjectName pod) {
    SelfSubjectAccessReview review =
        new SelfSubjectAccessReviewBuilder()
            .withNewSpec()
            .withNewResourceAttributes()
            .withVerb("create")
            .withResource("pods")
            .withSubresource("portforward")
            .withNamespace(pod.namespace())
            .endResourceAttributes()
            .endSpec()
            .build();
    return Boolean.TRUE.equals(
        client
            .authorization()
            .v1()
            .selfSubjectAccessReview()
            .create(review)
            .getStatus()
            .getAllowed());
  }

  @Override
  public void close() {
    http.close();
  }
}
