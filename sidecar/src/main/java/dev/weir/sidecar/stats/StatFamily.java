package dev.weir.sidecar.stats;

import dev.weir.sidecar.stats.Stats.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Statistics that come and go together, under one tag, as all of a cluster's do: they are one entry
 * of {@link Stats} instead of fifty, which counts in a mesh of thousands. A name that a family has
 * is made by nothing else. Any thread.
 *
 * @param <T> what keeps their places
 */
public final class StatFamily<T> {
  /** Makes the statistics of a family, by the last part of their names. */
  @FunctionalInterface
  public interface Names {
    int place(String name, Kind kind);

    default int counter(String name) {
      return place(name, Kind.COUNTER);
    }

    default int gauge(String name) {
      return place(name, Kind.GAUGE);
    }

    /** Values in milliseconds, as Envoy's. */
    default int histogram(String name) {
      return place(name, Kind.HISTOGRAM);
    }
  }

  record Member(String name, Kind kind) {}

  private final String prefix;
  private final String tagKey;
  private final Function<Names, T> make;
  private final List<Member> members = new ArrayList<>();
  private final T nowhere;

  /**
   * @param make asks for the same names in the same order every time
   */
  public StatFamily(String prefix, String tagKey, Function<Names, T> make) {
    this.prefix = prefix;
    this.tagKey = tagKey;
    this.make = make;
    this.nowhere =
        make.apply((name, kind) -> {
          members.add(new Member(name, kind));
          return Stats.NOWHERE;
        });
  }

  /** Those of {@code tag}, for as long as {@code scope} is open. */
  public T in(StatScope scope, String tag) {
    return make.apply(scope.hold(this, tag));
  }

  /** Of what is no more: whatever is counted by it is told to nobody. */
  public T nowhere() {
    return nowhere;
  }

  List<Member> members() {
    return members;
  }

  StatName name(Member member, String tag) {
    return StatName.of(prefix, tagKey, tag, member.name());
  }
}
