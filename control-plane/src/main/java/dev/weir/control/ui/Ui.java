package dev.weir.control.ui;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.UnaryOperator;

/** The live page, for an HTTP server whose requests have a thread each. */
public final class Ui implements AutoCloseable {
  /** The page, of all, that is told whenever it changes. */
  public static final String TOPOLOGY = "topology";

  /** How often a mesh is looked at while somebody watches; its sidecars speak each five seconds. */
  public static final Duration EVERY = Duration.ofSeconds(2);

  private static final int MOST_LISTENERS = 64;
  private static final int MOST_WATCHERS = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("ui-listeners").daemon().factory());
  private final UnaryOperator<HttpHandler> door;
  private final Map<String, HttpHandler> handlers = new LinkedHashMap<>();

  /**
   * For everybody who can ask.
   *
   * @param pages by name; one is {@link #TOPOLOGY}
   * @param every how often the topology is looked at while somebody watches
   */
  public Ui(Map<String, Page> pages, Duration every) {
    this(pages, every, handler -> handler);
  }

  /** For who has the key, with requests as they end. */
  public Ui(Map<String, Page> pages, Duration every, Watch tap, Key key) {
    this(pages, every, key::before);
    put("tap", new Tapped(tap), MOST_WATCHERS);
  }

  private Ui(Map<String, Page> pages, Duration every, UnaryOperator<HttpHandler> door) {
    Page topology = pages.get(TOPOLOGY);
    if (topology == null) {
      throw new IllegalArgumentException("no page " + TOPOLOGY);
    }
    this.door = door;
    put("/ui", Ui::lead);
    put(Assets.PLACE, new Assets());
    put(Api.PLACE, new Api(pages));
    put("live", new Live(topology, TOPOLOGY, every), MOST_LISTENERS);
  }

  private void put(String name, EventStream.Source source, int most) {
    put(Api.PLACE + name, new EventStream(source, most, PATIENCE, timer));
  }

  private void put(String path, HttpHandler handler) {
    handlers.put(path, new Guard(door.apply(handler)));
  }

  /** By the path that they are for, with all below it. */
  public Map<String, HttpHandler> handlers() {
    return Map.copyOf(handlers);
  }

  static void lead(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Location", Assets.PLACE);
    exchange.sendResponseHeaders(302, -1);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
