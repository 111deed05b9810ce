package dev.weir.sidecar.telemetry.otlp;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.Stats;

/** What became of records that were to be sent, as statistics. There from the first exporter on. */
public final class ExportCounts {
  private final Stats stats;
  private final int sent;
  private final int dropped;
  private final int failed;

  /**
   * @param prefix of the names
   * @param sent name of those that a collector has taken
   * @param dropped name of those that are lost
   */
  public ExportCounts(Stats stats, String prefix, String sent, String dropped) {
    this.stats = stats;
    StatScope scope = stats.newScope();
    this.sent = scope.counter(StatName.of(prefix, "", "", sent));
    this.dropped = scope.counter(StatName.of(prefix, "", "", dropped));
    this.failed = scope.counter(StatName.of(prefix, "", "", "exports_failed"));
  }

  /** A collector has taken them. The exporter's thread. */
  public void sent(int records) {
    stats.add(sent, records);
  }

  /** A collector has not taken them, and they are gone. The exporter's thread. */
  public void failed(int records) {
    stats.add(failed, 1);
    stats.add(dropped, records);
  }

  /** They are gone before they were sent. The exporter's thread. */
  void left(int records) {
    stats.add(dropped, records);
  }

  /** There was no room for them. The loop {@code loop}. */
  void dropped(int records, int loop) {
    stats.slab(loop).add(dropped, records);
  }
}
