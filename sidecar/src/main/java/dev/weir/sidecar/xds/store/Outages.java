package dev.weir.sidecar.xds.store;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** When a control plane was away, and why: the last times that it was. Any thread. */
final class Outages {
  private static final int MOST = 32;

  /**
   * @param until null: it still is
   */
  private record Outage(Instant since, @Nullable Instant until, String why) {
    boolean meets(Instant begin, Instant end) {
      return !end.isBefore(since) && (until == null || begin.isBefore(until));
    }

    @Override
    public String toString() {
      return "%s, from %s%s"
          .formatted(why, text(since), until == null ? " on, until now" : " to " + text(until));
    }

    private static Instant text(Instant time) {
      return time.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  private final InstantSource clock;
  private final Deque<Outage> last = new ArrayDeque<>();

  Outages(InstantSource clock) {
    this.clock = clock;
  }

  /** It is away from now on, or is still, and that is why. */
  synchronized void away(String why) {
    Outage before = last.peekLast();
    if (before != null && before.until == null) {
      last.removeLast();
      last.add(new Outage(before.since, null, why));
      return;
    }
    last.add(new Outage(clock.instant(), null, why));
    if (last.size() > MOST) {
      last.removeFirst();
    }
  }

  /** It answers. */
  synchronized void over() {
    Outage before = last.peekLast();
    if (before != null && before.until == null) {
      last.removeLast();
      last.add(new Outage(before.since, clock.instant(), before.why));
    }
  }

  /** Why it is away now. */
  synchronized Optional<String> now() {
    Outage before = last.peekLast();
    return before == null || before.until != null ? Optional.empty() : Optional.of(before.why);
  }

  /**
   * That it was known to be away some time between the two: why, from when on, and until when. A
   * silent network is noticed by keep-alive alone, within 40 s.
   */
  synchronized Optional<String> between(Instant begin, Instant end) {
    for (Iterator<Outage> newest = last.descendingIterator(); newest.hasNext(); ) {
      Outage outage = newest.next();
      if (outage.meets(begin, end)) {
        return Optional.of(outage.toString());
      }
    }
    return Optional.empty();
  }
}
