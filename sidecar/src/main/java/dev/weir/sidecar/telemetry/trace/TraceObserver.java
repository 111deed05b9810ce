package dev.weir.sidecar.telemetry.trace;

import dev.weir.sidecar.config.listener.Tracing;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.http.StreamSpan;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.telemetry.StreamObserver;
import dev.weir.sidecar.telemetry.otlp.ExportQueue;

/** Has spans sent of the streams of one chain that are sampled. */
public final class TraceObserver implements StreamObserver {
  private final Tracing tracing;
  private final TraceExporters exporters;
  private final ExportQueue<EndedStream> queue;

  /** Control thread. */
  public TraceObserver(Tracing tracing, TraceExporters exporters) {
    this.tracing = tracing;
    this.exporters = exporters;
    this.queue = exporters.take(tracing.exporter());
  }

  @Override
  public void ended(StreamInfo info, Loop loop) {
    StreamSpan span = info.span;
    Headers request = info.request;
    if (span != null
        && request != null
        && !queue.refuses(EndedStream.spans(span, info.attempts), loop.index())) {
      queue.offer(EndedStream.of(info, span, request, tracing, loop.clock()), loop.index());
    }
  }

  /** No configuration in force has it. Control thread. */
  public void close() {
    exporters.release(tracing.exporter());
  }
}
