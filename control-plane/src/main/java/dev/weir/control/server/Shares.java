package dev.weir.control.server;

import java.util.HashMap;
import java.util.Map;

/**
 * How many streams each identity has: a share of all at most, and few from one address, where one
 * sidecar has one and another while it comes back. And how much of the memory is taken by what its
 * clients have said: names that the mesh does not have. Those who have not proved who they are
 * share that of one. Control thread.
 */
final class Shares {
  private static final int MOST_FROM_ADDRESS = 8;

  private final int most;
  private final long mostBytes;
  private final Map<Object, Integer> counts = new HashMap<>();
  private final Map<Object, Long> bytes = new HashMap<>();

  /**
   * @param most streams
   * @param mostBytes that what its clients have said takes
   */
  Shares(int most, long mostBytes) {
    this.most = most;
    this.mostBytes = mostBytes;
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

  /**
   * What a client of the caller has said takes so much more than before, or less.
   *
   * @return whether it may be; less always may
   */
  boolean take(Caller caller, long more) {
    if (more == 0) {
      return true;
    }
    long now = bytes.merge(who(caller), more, Long::sum);
    if (now == 0) {
      bytes.remove(who(caller));
    }
    return more <= 0 || now <= mostBytes;
  }

  /** How much that may be. */
  String mostSaid() {
    return "names that this mesh does not have may take " + (mostBytes >> 10) + " KiB";
  }

  private static Object who(Caller caller) {
    return switch (caller) {
      case Caller.Anyone anyone -> anyone;
      case Caller.Proven proven -> proven.identity();
    };
  }

  private int count(Object who) {
    return counts.getOrDefault(who, 0);
  }
}
