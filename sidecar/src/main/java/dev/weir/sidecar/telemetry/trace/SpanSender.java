package dev.weir.sidecar.telemetry.trace;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.listener.Tracing;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.telemetry.otlp.ExportQueue;
import dev.weir.sidecar.telemetry.otlp.OtlpIdentity;
import dev.weir.sidecar.telemetry.otlp.OtlpSender;
import dev.weir.sidecar.telemetry.otlp.OtlpSignal;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends spans by the SDK's exporter. The SDK is loaded by the first batch, on the queue's thread.
 */
final class SpanSender implements ExportQueue.Sender<EndedStream> {
  private final SpanBuilder spans;
  private final OtlpSender sender;
  private final SpanExporter exporter;

  SpanSender(Tracing.Exporter to, Node node, AsyncClient client, FoldedLog log) {
    this.spans =
        new SpanBuilder(
            OtlpIdentity.resource(node, to.serviceName(), to.attributes()), OtlpIdentity.scope());
    this.sender = new OtlpSender(OtlpSignal.TRACES, to.service(), client, log);
    this.exporter =
        OtlpHttpSpanExporter.builder()
            .setComponentLoader(sender.components())
            .setMeterProvider(MeterProvider.noop())
            .build();
  }

  @Override
  public boolean send(List<EndedStream> streams) {
    List<SpanData> made = new ArrayList<>();
    streams.forEach(stream -> spans.build(stream, made));
    return sender.sent(made.size(), () -> exporter.export(made));
  }

  @Override
  public void hurry(Duration limit) {
    sender.hurry(limit);
  }

  @Override
  public void end() {
    exporter.shutdown();
  }
}
