package dev.weir.control;

import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.traffic.MeshEvent;
import dev.weir.control.traffic.MeshEvents;
import java.time.Clock;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Tells what proxies do not take, of many that refuse the same the first, and who is not served.
 * Control thread, but for {@link #client}, which is for any.
 */
final class Refusals {
  /** Of one state of the mesh; all are at {@code /proxies}. */
  private static final int MOST = 100;

  /** In one line. */
  private static final int MOST_NAMED = 5;

  private final Consumer<String> told;
  private final Set<String> known = new HashSet<>();

  private final Consumer<String> seldom;
  private final MeshEvents events;
  private final Clock clock;

  /**
   * @param events the first of what is told is an event of the mesh, too
   */
  Refusals(Consumer<String> told, MeshEvents events, Clock clock) {
    this.told = told;
    this.events = events;
    this.clock = clock;
    this.seldom = new Seldom(told, System::nanoTime);
  }

  /** A client is not served, for this reason; it can come back as often as it likes. */
  void client(String reason) {
    seldom.accept("a client is refused: " + reason);
  }

  /** The mesh is another one: what was told of it is told of this one again. */
  void forget() {
    known.clear();
  }

  /**
   * A proxy does not take what it was sent.
   *
   * @param origins what people wrote and it follows from
   * @param describe says where such a resource stands
   */
  void refused(
      Proxy proxy,
      ResourceType type,
      SortedSet<String> names,
      String reason,
      SortedSet<String> origins,
      UnaryOperator<String> describe) {
    String what = "refuses %s %s: %s".formatted(type.kind(), first(names), reason);
    if (known.size() < MOST && known.add(what)) {
      events.add(
          new MeshEvent(
              clock.millis(),
              MeshEvent.Kind.REFUSED,
              policy(origins),
              proxy.service().toString(),
              proxy.id(),
              proxy.id() + " " + what));
      told.accept(
          "%s (%s) %s%s; it goes on with what it had, as do others that say the same (/proxies)"
              .formatted(proxy.id(), proxy.service(), what, followingFrom(origins, describe)));
    }
  }

  /** The first of them that is one, without its kind; empty: none is. */
  private static String policy(SortedSet<String> origins) {
    return origins.stream()
        .filter(origin -> origin.contains("Policy "))
        .map(origin -> origin.substring(origin.indexOf(' ') + 1))
        .findFirst()
        .orElse("");
  }

  private static String followingFrom(SortedSet<String> origins, UnaryOperator<String> describe) {
    SortedSet<String> described =
        origins.stream().map(describe).collect(Collectors.toCollection(TreeSet::new));
    return described.isEmpty() ? "" : "; it follows from " + first(described);
  }

  /** The first few, and how many more there are. */
  static String first(SortedSet<String> names) {
    String first = names.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
    int more = names.size() - MOST_NAMED;
    return more > 0 ? first + " and " + more + " more" : first;
  }
}
