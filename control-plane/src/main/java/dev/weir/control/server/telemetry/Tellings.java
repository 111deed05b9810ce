package dev.weir.control.server.telemetry;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The streams on which something is told. Any thread. */
public final class Tellings {
  private final Set<TellingStream<?, ?>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean ending;

  void add(TellingStream<?, ?> stream) {
    open.add(stream);
    if (ending) {
      stream.endWell();
    }
  }

  void remove(TellingStream<?, ?> stream) {
    open.remove(stream);
  }

  /** The control plane ends: so do all of them, and what begins from now on. */
  public void end() {
    ending = true;
    open.forEach(TellingStream::endWell);
  }
}
