package dev.weir.sidecar.telemetry.trace;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.Stats;

/** What became of spans, under Envoy's name where it has one. There from the first exporter on. */
final class TraceStats {
  private final Stats stats;
  private final int sent;
  private final int dropped;
  private final int failed;

  TraceStats(Stats stats) {
    this.stats = stats;
    StatScope scope = stats.newScope();
    this.sent = counter(scope, "spans_sent");
    this.dropped = counter(scope, "spans_dropped");
    this.failed = counter(scope, "exports_failed");
  }

  private static int counter(StatScope scope, String name) {
    return scope.counter(StatName.of("tracing.opentelemetry", "", "", name));
  }

  /** A collector has taken them. The exporter's thread. */
  void sent(int spans) {
    stats.add(sent, spans);
  }

  /** A collector has not taken them, and they are gone. The exporter's thread. */
  void failed(int spans) {
    stats.add(failed, 1);
    stats.add(dropped, spans);
  }

  /** They are gone before they were sent. The exporter's thread. */
  void left(int spans) {
    stats.add(dropped, spans);
  }

  /** There was no room for them. The loop {@code loop}. */
  void dropped(int spans, int loop) {
    stats.slab(loop).add(dropped, spans);
  }
}
