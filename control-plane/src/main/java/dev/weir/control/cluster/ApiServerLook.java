package dev.weir.control.cluster;

import dev.weir.control.json.JsonText;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Whether a server is one of Kubernetes, by its page {@code /version}, which it has for all. */
final class ApiServerLook {
  private static final int SECONDS = 10;

  private ApiServerLook() {}

  /** What its answer is in place of a version; empty: it is one, or that is not known. */
  static Optional<String> of(KubernetesClient client) {
    HttpResponse<String> response;
    try {
      response =
          client
              .getHttpClient()
              .sendAsync(
                  client
                      .getHttpClient()
                      .newHttpRequestBuilder()
                      .uri(client.getMasterUrl() + "version")
                      .build(),
                  String.class)
              .get(SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty(); // Who does not answer at all is told of by who asked.
    }
    return switch (response.code()) {
      case HttpURLConnection.HTTP_OK -> ofBody(response);
      case HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN ->
          Optional.empty();
      default ->
          response.code() < HttpURLConnection.HTTP_INTERNAL_ERROR
              ? Optional.of(response.code() + " for /version")
              : Optional.empty();
    };
  }

  private static Optional<String> ofBody(HttpResponse<String> response) {
    String body = Objects.requireNonNullElse(response.body(), "");
    if (body.isBlank()) {
      return Optional.of("an empty answer");
    }
    try {
      if (JsonText.read(body) instanceof Map<?, ?> version
          && version.get("major") instanceof String
          && version.get("minor") instanceof String) {
        return Optional.empty();
      }
      return Optional.of("its /version has no major and minor");
    } catch (IOException e) {
      return Optional.of(type(response));
    }
  }

  private static String type(HttpResponse<String> response) {
    List<String> types = response.headers("Content-Type");
    return types.isEmpty() ? "no JSON" : types.getFirst().replaceFirst(";.*", "");
  }
}
