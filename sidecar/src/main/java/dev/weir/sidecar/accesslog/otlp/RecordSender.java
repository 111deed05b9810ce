package dev.weir.sidecar.accesslog.otlp;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.telemetry.otlp.ExportQueue;
import dev.weir.sidecar.telemetry.otlp.OtlpIdentity;
import dev.weir.sidecar.telemetry.otlp.OtlpSender;
import dev.weir.sidecar.telemetry.otlp.OtlpSignal;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.resources.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sends records by the SDK's exporter. The SDK is loaded by the first batch, on the queue's thread.
 */
final class RecordSender implements ExportQueue.Sender<Entry> {
  private final Resource resource;
  private final InstrumentationScopeInfo scope = OtlpIdentity.scope();
  private final OtlpSender sender;
  private final LogRecordExporter exporter;

  RecordSender(AccessLog.Exporter to, Node node, AsyncClient client, FoldedLog log) {
    this.resource = OtlpIdentity.resource(node, "", attributes(to, node));
    this.sender = new OtlpSender(OtlpSignal.LOGS, to.service(), client, log);
    this.exporter =
        OtlpHttpLogRecordExporter.builder()
            .setComponentLoader(sender.components())
            .setMeterProvider(MeterProvider::noop)
            .build();
  }

  /** Envoy's zone is empty where the node says none, and ours knows of none. */
  private static Map<String, String> attributes(AccessLog.Exporter to, Node node) {
    Map<String, String> attributes = new HashMap<>();
    if (to.labels()) {
      attributes.put("node_name", node.id());
      attributes.put("cluster_name", node.cluster());
      attributes.put("zone_name", "");
    }
    attributes.putAll(to.attributes());
    return attributes;
  }

  @Override
  public boolean send(List<Entry> entries) {
    List<LogRecordData> made = new ArrayList<>();
    entries.forEach(entry -> made.add(AccessRecord.of(entry, resource, scope)));
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
