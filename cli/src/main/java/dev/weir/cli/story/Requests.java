package dev.weir.cli.story;

import java.io.IOException;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Requests that sidecars have kept, and those that end, for programs: what {@code weir explain} and
 * {@code weir tap} print. Any thread, which it blocks.
 */
public final class Requests {
  private final Sidecars sidecars;

  public Requests(Sidecars sidecars) {
    this.sidecars = sidecars;
  }

  /**
   * Some of them.
   *
   * @param requests for JSON, each as one sidecar saw it
   * @param silent which sidecars could not be asked, and why
   */
  public record Found(List<Object> requests, SortedMap<String, String> silent) {
    public Found {
      requests = List.copyOf(requests);
      silent = Collections.unmodifiableSortedMap(new TreeMap<>(silent));
    }
  }

  /**
   * Those that failed or were refused of late, the newest first.
   *
   * @throws IOException nobody can be asked
   */
  public Found failed(int most) throws IOException {
    Asking.Answers failed = Explain.failed(new Asking(sidecars), sidecars.names(), most);
    return new Found(failed.hops().stream().map(Requests::value).toList(), failed.silent());
  }

  /**
   * The story of one: {@code why}, {@code lines} for people and {@code hops}; empty where nobody
   * has kept it.
   *
   * @throws IOException nobody can be asked
   */
  public Optional<Map<String, Object>> story(String id) throws IOException {
    Asking.Answers found = Explain.find(new Asking(sidecars), sidecars.names(), id);
    if (found.hops().isEmpty()) {
      return Optional.empty();
    }
    Story story = new Story(found.hops());
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("why", story.why());
    value.put("lines", story.lines());
    value.put("hops", story.value());
    value.put("silent", found.silent());
    return Optional.of(value);
  }

  /** What to say where there is no story. */
  public static String notKept(String id) {
    return Explain.notKept(id);
  }

  /**
   * Begins to watch.
   *
   * @param filters as {@code weir tap} has them, by name; others are passed over
   * @throws IllegalArgumentException one of them is wrong, with what it can be
   * @throws IOException nobody can be asked
   */
  public Watching watch(Map<String, String> filters) throws IOException {
    return new Watching(new Asking(sidecars), sidecars.names(), Tap.query(filters));
  }

  /** One who watches requests as they end. One thread at a time. */
  public static final class Watching {
    private final Asking asking;
    private final List<String> names;
    private final String query;

    private Watching(Asking asking, List<String> names, String query) {
      this.asking = asking;
      this.names = names;
      this.query = query;
    }

    /** Those that ended since it was asked last; waits half a second for the first of them. */
    public List<Object> next() throws IOException {
      return asking.requests(names, query).hops().stream()
          .sorted(Comparator.comparingDouble(Hop::end))
          .map(Requests::value)
          .toList();
    }
  }

  private static Object value(Hop hop) {
    return new Story(List.of(hop)).value().getFirst();
  }
}
