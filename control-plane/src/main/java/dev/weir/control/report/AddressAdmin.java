package dev.weir.control.report;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The admin pages at an address.
 *
 * @param authority its address and port
 * @param name of whom it is, in what is said
 */
public record AddressAdmin(HttpClient http, String authority, String name) implements SidecarAdmin {
  private static final int MOST_BYTES = 64 << 20;

  @Override
  public byte[] ask(String method, String path, Duration longest) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + authority + path))
            .method(method, BodyPublishers.noBody())
            .timeout(longest)
            .build();
    try {
      HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        byte[] bytes = body.readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
          throw new IOException(name + path + " is longer than " + (MOST_BYTES >> 20) + " MiB");
        }
        if (response.statusCode() != 200) {
          throw new IOException(
              "%s%s answers %d: %s"
                  .formatted(
                      name,
                      path,
                      response.statusCode(),
                      new String(bytes, StandardCharsets.UTF_8).lines().findFirst().orElse("")));
        }
        return bytes;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
