package dev.weir.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/** Calls by HTTP/1.1, as any client does. Any thread. */
final class Caller {
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private Tally lately = new Tally();

  /** A call of the shop. */
  Answer get(String uri, Map<String, String> headers) throws InterruptedException {
    Answer answer = answer(uri, headers);
    synchronized (this) {
      lately.add(answer);
    }
    return answer;
  }

  /** What calls came to since this was asked last. */
  synchronized Tally lately() {
    Tally until = lately;
    lately = new Tally();
    return until;
  }

  private Answer answer(String uri, Map<String, String> headers) throws InterruptedException {
    long start = System.nanoTime();
    try {
      HttpResponse<String> response = send(uri, headers);
      return new Answer(
          response.statusCode(),
          response.headers().firstValue("x-weir-cause").orElse(""),
          System.nanoTime() - start);
    } catch (IOException e) {
      return new Answer(0, String.valueOf(e.getMessage()), System.nanoTime() - start);
    }
  }

  /** The page at {@code uri}, which is no call of the shop. */
  String page(String uri) throws IOException, InterruptedException {
    HttpResponse<String> response = send(uri, Map.of());
    if (response.statusCode() != 200) {
      throw new IOException(uri + ": status " + response.statusCode());
    }
    return response.body();
  }

  private HttpResponse<String> send(String uri, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(10));
    headers.forEach(request::header);
    try {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IOException(uri + ": " + e.getMessage(), e);
    }
  }
}
