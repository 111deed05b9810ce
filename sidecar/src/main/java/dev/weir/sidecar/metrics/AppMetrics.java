package dev.weir.sidecar.metrics;

import dev.weir.sidecar.runtime.Clock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The app's own metrics, asked of it when somebody asks us: within a time, and up to a size. Any
 * thread that may wait.
 */
public final class AppMetrics {
  private static final int MOST_BYTES = 16 << 20;
  private static final Duration TIME = Duration.ofSeconds(5);
  private static final int OK = 200;

  /**
   * Where they are.
   *
   * @param path with a slash at first
   */
  public record Place(int port, String path) {
    private static final int LAST_PORT = 65535;

    public Place {
      if (port < 1 || port > LAST_PORT || !path.startsWith("/")) {
        throw new IllegalArgumentException("no port and path: " + port + path);
      }
    }

    /** Of {@code 8080/metrics}, or {@code 8080}. */
    public static Place parse(String text) {
      int slash = text.indexOf('/');
      String port = slash < 0 ? text : text.substring(0, slash);
      if (!port.matches("[0-9]{1,5}")) {
        throw new IllegalArgumentException("\"" + text + "\" is no port and path, as 8080/metrics");
      }
      return new Place(Integer.parseInt(port), slash < 0 ? "/metrics" : text.substring(slash));
    }
  }

  /**
   * An answer.
   *
   * @param text without the mark of its end; empty for messages
   * @param messages empty for a text
   * @param failure why there is none; empty: there is
   */
  record Scrape(
      MetricsFormat format, String text, ByteBuffer messages, String failure, Duration took) {}

  private static final ByteBuffer NO_MESSAGES = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final URI uri;
  private final int mostBytes;
  private final Duration time;
  private final Clock clock;

  public AppMetrics(Place place, Clock clock) {
    this(place, MOST_BYTES, TIME, clock);
  }

  /**
   * @param time that it has for the whole of its answer
   */
  AppMetrics(Place place, int mostBytes, Duration time, Clock clock) {
    this.uri = URI.create("http://127.0.0.1:" + place.port() + place.path());
    this.mostBytes = mostBytes;
    this.time = time;
    this.clock = clock;
  }

  /**
   * @param wanted what whoever asks us would like
   */
  Scrape ask(MetricsFormat wanted) {
    long began = clock.nanoTime();
    try {
      HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout((int) time.toMillis());
      connection.setReadTimeout((int) time.toMillis());
      connection.setInstanceFollowRedirects(false);
      connection.setRequestProperty("Accept", accept(wanted));
      connection.setRequestProperty("Connection", "close"); // the JDK would keep it, for all
      try {
        return answer(connection, wanted, began);
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      return failed(String.valueOf(e.getMessage()), began);
    }
  }

  private static String accept(MetricsFormat wanted) {
    String text = "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    String openMetrics = MetricsFormat.OPENMETRICS.contentType();
    return switch (wanted) {
      case TEXT -> text;
      case OPENMETRICS -> openMetrics + "," + text;
      case PROTOBUF -> MetricsFormat.PROTOBUF.contentType() + "," + openMetrics + ";q=0.8," + text;
    };
  }

  private Scrape answer(HttpURLConnection connection, MetricsFormat wanted, long began)
      throws IOException {
    int status = connection.getResponseCode();
    if (status != OK) {
      return failed("it answers " + status, began);
    }
    MetricsFormat format = MetricsFormat.of(connection.getContentType());
    if (format.compareTo(wanted) > 0) {
      return failed("it answers in " + format.contentType() + ", which was not asked for", began);
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] some = new byte[16 << 10];
    try (InputStream in = connection.getInputStream()) {
      for (int read = in.read(some); read >= 0; read = in.read(some)) {
        body.write(some, 0, read);
        if (body.size() > mostBytes) {
          return failed("it has more than " + mostBytes + " bytes", began);
        }
        if (took(began).compareTo(time) > 0) {
          return failed("it takes longer than " + time.toMillis() + " ms", began);
        }
      }
    }
    return format == MetricsFormat.PROTOBUF
        ? new Scrape(format, "", ByteBuffer.wrap(body.toByteArray()), "", took(began))
        : new Scrape(
            format, open(body.toString(StandardCharsets.UTF_8)), NO_MESSAGES, "", took(began));
  }

  /** Something may follow. */
  private static String open(String text) {
    String stripped = text.stripTrailing();
    String open =
        stripped.endsWith("# EOF")
            ? stripped.substring(0, stripped.length() - "# EOF".length()).stripTrailing()
            : stripped;
    return open.isEmpty() ? "" : open + "\n";
  }

  private Scrape failed(String why, long began) {
    return new Scrape(MetricsFormat.TEXT, "", NO_MESSAGES, why, took(began));
  }

  private Duration took(long began) {
    return Duration.ofNanos(clock.nanoTime() - began);
  }
}
