package dev.weir.control.ui;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Server-sent events to so many at a time. Who reads too slowly is ended, and comes back when it
 * can.
 */
final class EventStream implements HttpHandler {
  private static final Duration RECONNECT = Duration.ofSeconds(2);

  /** What is to be told one listener, on a thread of its own. */
  interface Source {
    /** Tells until the listener is gone, which {@code to} says by an exception. */
    void tell(Query query, Listener to) throws Query.Wrong, IOException, InterruptedException;
  }

  private final Source source;
  private final Semaphore places;
  private final Duration patience;
  private final ScheduledExecutorService timer;

  /**
   * @param most so many listeners at a time
   * @param patience how long one may take to take an event
   */
  EventStream(Source source, int most, Duration patience, ScheduledExecutorService timer) {
    this.source = source;
    this.places = new Semaphore(most);
    this.patience = patience;
    this.timer = timer;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    if (!places.tryAcquire()) {
      exchange.getResponseHeaders().set("Retry-After", "10");
      Answer.failure(exchange, 503, "so many look at it that there is no more room");
      return;
    }
    Listener listener = new Listener(exchange);
    try {
      source.tell(Query.of(exchange.getRequestURI().getRawQuery()), listener);
    } catch (Query.Wrong e) {
      Answer.failure(exchange, 400, e.getMessage());
    } catch (IOException e) {
      if (listener.begun) {
        throw e; // it is gone, or what it is told of is: it comes again
      }
      Answer.failure(exchange, 503, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      places.release();
    }
  }

  /** Who is told. One thread at a time. */
  final class Listener {
    private final HttpExchange exchange;
    private boolean begun;

    private Listener(HttpExchange exchange) {
      this.exchange = exchange;
    }

    /** With the first that is told: before it what cannot be told is a status. */
    private void begin() throws IOException {
      begun = true;
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(200, -1);
        throw new IOException("nothing more is wanted");
      }
      exchange.sendResponseHeaders(200, 0);
      write("retry: " + RECONNECT.toMillis() + "\n\n");
    }

    /**
     * An event.
     *
     * @param data in one line
     * @throws IOException the listener is gone, or too slow
     */
    void event(String name, String data) throws IOException {
      write("event: " + name + "\ndata: " + data + "\n\n");
    }

    /** Nothing, so that both sides see that the other is there. */
    void alive() throws IOException {
      write(":\n\n");
    }

    private void write(String text) throws IOException {
      if (!begun) {
        begin();
      }
      // Which ends a write to a socket's channel, and closes it; to close the exchange would wait.
      ScheduledFuture<?> late =
          timer.schedule(
              Thread.currentThread()::interrupt, patience.toMillis(), TimeUnit.MILLISECONDS);
      try {
        exchange.getResponseBody().write(text.getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
      } finally {
        late.cancel(false);
      }
    }
  }
}
