package dev.weir.control.server.telemetry;

import dev.weir.control.traffic.MeshEvent;
import dev.weir.control.traffic.MeshEvent.Kind;
import dev.weir.control.traffic.MeshEvents;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes events of what sidecars say of their breakers. A breaker that opens does so in many
 * sidecars at once: of one policy and service, or instance, one event is made in some seconds. Any
 * thread.
 */
public final class BreakerMarks {
  private static final long MERGED_MILLIS = Duration.ofSeconds(15).toMillis();
  private static final int MOST = 1000;

  private final MeshEvents events;
  private final Map<Mark, Long> recent =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Mark, Long> eldest) {
          return size() > MOST;
        }
      };

  public BreakerMarks(MeshEvents events) {
    this.events = events;
  }

  private record Mark(Kind kind, String policy, String service, String instance) {}

  /**
   * A breaker opened, or an instance was put out; or it is over.
   *
   * @param instance that was put out, or whose breaker it is; empty: it is not one of an instance
   * @param by who has told
   */
  synchronized void add(
      Kind kind, String policy, String service, String instance, String by, long millis) {
    Mark mark = new Mark(kind, policy, service, instance);
    Long before = recent.get(mark);
    if (before != null && millis - before < MERGED_MILLIS) {
      return;
    }
    recent.remove(mark);
    recent.put(mark, millis);
    String what = instance.isEmpty() ? service : instance + " of " + service;
    String text =
        switch (kind) {
          case OPENED ->
              policy.isEmpty()
                  ? what + " was put out"
                  : "the circuit breaker of " + what + " opened";
          default ->
              policy.isEmpty() ? what + " is back" : "the circuit breaker of " + what + " closed";
        };
    events.add(new MeshEvent(millis, kind, policy, service, by, text + ", says " + by));
  }
}
