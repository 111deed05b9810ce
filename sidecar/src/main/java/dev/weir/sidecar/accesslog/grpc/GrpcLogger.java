package dev.weir.sidecar.accesslog.grpc;

import dev.weir.sidecar.accesslog.LogFilter;
import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.telemetry.StreamObserver;
import dev.weir.sidecar.telemetry.otlp.ExportQueue;
import org.jspecify.annotations.Nullable;

/** One access log over gRPC, of a connection manager or TCP proxy, compiled. */
public final class GrpcLogger implements StreamObserver {
  private final AccessLog.Grpc config;
  private final @Nullable LogFilter filter;
  private final Receivers receivers;
  private final ExportQueue<Entry> queue;

  /** Control thread. */
  public GrpcLogger(AccessLog.Grpc config, Receivers receivers) {
    this.config = config;
    this.filter = config.filter().map(LogFilter::of).orElse(null);
    this.receivers = receivers;
    this.queue = receivers.take(config.receiver());
  }

  @Override
  public void ended(StreamInfo info, Loop loop) {
    if ((filter == null || filter.passes(info, loop)) && !queue.refuses(1, loop.index())) {
      queue.offer(Entry.of(config, info, loop.clock()), loop.index());
    }
  }

  /** No configuration in force has it. Control thread. */
  public void close() {
    receivers.release(config.receiver());
  }
}
