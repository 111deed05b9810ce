package dev.weir.sidecar.member;

import java.util.List;
import java.util.function.Consumer;
import sun.misc.Signal;

/** The signals that this process gets. */
final class Signals {
  private Signals() {}

  /**
   * One that was ignored when this process was started still is. Each is told by a thread of its
   * own.
   */
  static void to(Consumer<Sign> told) {
    for (Sign sign : List.of(Sign.HUP, Sign.INT, Sign.TERM)) {
      Signal.handle(new Signal(sign.name()), _ -> told.accept(sign));
    }
  }
}
