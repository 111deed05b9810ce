package dev.weir.sidecar.telemetry.recent;

import dev.weir.sidecar.format.Json;
import dev.weir.sidecar.route.RouteTable;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The pages of requests, as JSON: {@code /requests}, those that are kept, and {@code /tap}, those
 * that end while one watches. Any thread but a loop.
 */
public final class RequestPages {
  private static final int DEFAULT_MOST = 50;
  private static final int MOST = 1000;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
  private static final Set<String> OF_REQUESTS = Set.of("limit");
  private static final Set<String> OF_TAP = Set.of("name", "wait_ms");

  private final RecentRequests recent;
  private final RequestFacts facts;
  private final Map<String, Object> node;

  /**
   * @param node who tells it: {@code id}, {@code cluster}
   * @param routes in force, by the name of listener and chain
   * @param outages that the control plane was away between two times, in words
   */
  public RequestPages(
      RecentRequests recent,
      Map<String, Object> node,
      Function<String, @Nullable RouteTable> routes,
      BiFunction<Instant, Instant, Optional<String>> outages) {
    this.recent = recent;
    this.facts = new RequestFacts(recent.redaction(), recent.changes(), routes, outages);
    this.node = Map.copyOf(node);
  }

  /**
   * The newest first.
   *
   * @param query of the page's address; {@code limit}, and what {@link RequestFilter} knows
   * @throws IllegalArgumentException with what is wrong with it
   */
  public String requests(String query) {
    Map<String, String> parameters = parameters(query);
    Predicate<RecentRequest> wanted = RequestFilter.of(parameters, OF_REQUESTS);
    int most = number(parameters, "limit", DEFAULT_MOST, MOST);
    return json(recent.newest(wanted, most), 0);
  }

  /**
   * What has ended since the same {@code name} asked, the oldest first.
   *
   * @param query of the page's address; {@code name}, {@code wait_ms}, and what {@link
   *     RequestFilter} knows
   * @throws IllegalArgumentException with what is wrong with it
   */
  public String tap(String query) throws InterruptedException {
    Map<String, String> parameters = parameters(query);
    String name = parameters.get("name");
    if (name == null || name.isEmpty()) {
      throw new IllegalArgumentException("name: who watches has one, so that it misses nothing");
    }
    Predicate<RecentRequest> wanted = RequestFilter.of(parameters, OF_TAP);
    int wait = number(parameters, "wait_ms", 1000, (int) LONGEST_WAIT.toMillis());
    try {
      Taps.Drawn drawn = recent.taps().draw(name, wanted, Duration.ofMillis(wait));
      return json(drawn.requests(), drawn.missed());
    } catch (IllegalStateException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private String json(List<RecentRequest> requests, long missed) {
    Map<String, Object> page = new LinkedHashMap<>();
    page.put("node", node);
    page.put("missed", missed);
    page.put("requests", requests.stream().<Object>map(facts::of).toList());
    return Json.write(page) + "\n";
  }

  private static int number(Map<String, String> parameters, String name, int otherwise, int most) {
    String text = parameters.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(name + ": \"" + text + "\" is no number from 1 to " + most);
  }

  private static Map<String, String> parameters(String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String part : query.split("&", -1)) {
      int equals = part.indexOf('=');
      if (!part.isEmpty()) {
        parameters.put(
            equals < 0 ? part : part.substring(0, equals),
            equals < 0
                ? ""
                : URLDecoder.decode(part.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return parameters;
  }
}
