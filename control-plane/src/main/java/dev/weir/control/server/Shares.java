package dev.weir.control.server;

import java.util.HashMap;
import java.util.Map;

/**
 * How many streams each identity has: a share of all at most, and few from one address, where one
 * sidecar has one and another while it comes back. Control thread.
 */
final class Shares {
  private static final int MOST_FROM_ADDRESS = 8;

  private final int most;
  private final Map<Object, Integer> counts = new HashMap<>();

  Shares(int most) {
    this.most = most;
  }

  /** Whether the caller may have one more, which it has then. */
  boolean enter(Caller caller) {
    return switch (caller) {
      case Caller.Anyone _ -> true;
      case Caller.Proven proven -> {
        boolean room = count(proven.identity()) < most && count(proven) < MOST_FROM_ADDRESS;
        if (room) {
          counts.merge(proven.identity(), 1, Integer::sum);
          counts.merge(proven, 1, Integer::sum);
        }
        yield room;
      }
    };
  }

  /** One that has entered is gone. */
  void leave(Caller caller) {
    if (caller instanceof Caller.Proven proven) {
      counts.computeIfPresent(proven.identity(), (who, count) -> count == 1 ? null : count - 1);
      counts.computeIfPresent(proven, (who, count) -> count == 1 ? null : count - 1);
    }
  }

  /** Of which {@code caller} has all. */
  String most(Caller caller) {
    return caller instanceof Caller.Proven proven && count(proven) >= MOST_FROM_ADDRESS
        ? MOST_FROM_ADDRESS + " streams at most from an address"
        : most + " streams at most";
  }

  private int count(Object who) {
    return counts.getOrDefault(who, 0);
  }
}
