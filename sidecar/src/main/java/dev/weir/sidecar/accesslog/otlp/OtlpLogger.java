package dev.weir.sidecar.accesslog.otlp;

import dev.weir.sidecar.accesslog.LogFilter;
import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.format.ByteSink;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.telemetry.StreamObserver;
import dev.weir.sidecar.telemetry.StreamTags;
import dev.weir.sidecar.telemetry.otlp.ExportQueue;
import dev.weir.sidecar.trace.TraceHeaders;
import org.jspecify.annotations.Nullable;

/** One access log of records, of a connection manager or TCP proxy, compiled. */
public final class OtlpLogger implements StreamObserver {
  private static final int SCRATCH = 512;
  private static final long NANOS_PER_MILLI = 1_000_000L;

  private final AccessLog.Otlp config;
  private final @Nullable LogFilter filter;
  private final RecordTemplate template;
  private final OtlpLogs logs;
  private final ExportQueue<Entry> queue;

  /**
   * Control thread.
   *
   * @throws IllegalArgumentException if a format holds an unknown command operator
   */
  public OtlpLogger(AccessLog.Otlp config, OtlpLogs logs) {
    this.config = config;
    this.filter = config.filter().map(LogFilter::of).orElse(null);
    this.template = new RecordTemplate(config);
    this.logs = logs;
    this.queue = logs.take(config.exporter());
  }

  /**
   * Whether a logger can be made of it.
   *
   * @throws IllegalArgumentException as the constructor
   */
  public static void check(AccessLog.Otlp config) {
    var _ = new RecordTemplate(config);
    config.filter().ifPresent(LogFilter::of);
  }

  @Override
  public void ended(StreamInfo info, Loop loop) {
    if ((filter == null || filter.passes(info, loop)) && !queue.refuses(1, loop.index())) {
      queue.offer(entry(info), loop.index());
    }
  }

  private Entry entry(StreamInfo info) {
    return new Entry(
        config,
        info.startMillis * NANOS_PER_MILLI,
        TraceHeaders.ids(info),
        info.sampled,
        template.texts(info, new ByteSink(SCRATCH)),
        StreamTags.of(config.tags(), info.request));
  }

  /** No configuration in force has it. Control thread. */
  public void close() {
    logs.release(config.exporter());
  }
}
