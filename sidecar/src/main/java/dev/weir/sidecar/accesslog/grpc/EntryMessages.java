package dev.weir.sidecar.accesslog.grpc;

import dev.weir.sidecar.config.listener.AccessLog;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.data.accesslog.v3.ConnectionProperties;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.data.accesslog.v3.TCPAccessLogEntry;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage.HTTPAccessLogEntries;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage.TCPAccessLogEntries;
import java.util.List;

/** The messages of one log, from its entries. The queue's thread. */
final class EntryMessages {
  private final AccessLog.EntryKind kind;
  private final StreamAccessLogsMessage.Identifier identifier;

  EntryMessages(AccessLog.Receiver to, Node node) {
    this.kind = to.kind();
    this.identifier =
        StreamAccessLogsMessage.Identifier.newBuilder()
            .setNode(node)
            .setLogName(to.logName())
            .build();
  }

  StreamAccessLogsMessage of(List<Entry> entries) {
    StreamAccessLogsMessage.Builder message = StreamAccessLogsMessage.newBuilder();
    switch (kind) {
      case HTTP -> {
        HTTPAccessLogEntries.Builder logs = message.getHttpLogsBuilder();
        entries.forEach(entry -> logs.addLogEntry(http(entry)));
      }
      case TCP -> {
        TCPAccessLogEntries.Builder logs = message.getTcpLogsBuilder();
        entries.forEach(entry -> logs.addLogEntry(tcp(entry)));
      }
    }
    return message.build();
  }

  /** As the first of a stream, which says whose it is. */
  byte[] first(StreamAccessLogsMessage message) {
    return message.toBuilder().setIdentifier(identifier).build().toByteArray();
  }

  private static HTTPAccessLogEntry http(Entry entry) {
    HTTPAccessLogEntry.Builder made =
        HTTPAccessLogEntry.newBuilder().setCommonProperties(CommonProperties.of(entry));
    HttpFacts http = entry.http();
    if (http != null) {
      HttpProperties.addTo(made, http, entry);
    }
    return made.build();
  }

  private static TCPAccessLogEntry tcp(Entry entry) {
    return TCPAccessLogEntry.newBuilder()
        .setCommonProperties(CommonProperties.of(entry))
        .setConnectionProperties(
            ConnectionProperties.newBuilder()
                .setReceivedBytes(entry.bytesReceived())
                .setSentBytes(entry.bytesSent()))
        .build();
  }
}
