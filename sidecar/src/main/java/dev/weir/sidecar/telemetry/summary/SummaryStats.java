package dev.weir.sidecar.telemetry.summary;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.Stats;

/** {@code telemetry.summaries_*}. Any thread. */
final class SummaryStats {
  private final Stats stats;
  private final int sent;
  private final int skipped;
  private final int failed;

  SummaryStats(Stats stats) {
    this.stats = stats;
    sent = stats.counter(name("summaries_sent"));
    skipped = stats.counter(name("summaries_skipped"));
    failed = stats.counter(name("summary_streams_failed"));
  }

  private static StatName name(String name) {
    return StatName.of("telemetry", "", "", name);
  }

  void sent() {
    stats.add(sent, 1);
  }

  /** The control plane had yet to take the one before. */
  void skipped() {
    stats.add(skipped, 1);
  }

  void failed() {
    stats.add(failed, 1);
  }
}
