package dev.weir.sidecar.bootstrap;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.bootstrap.WorkloadIdentity;
import dev.weir.sidecar.resource.filter.HttpFilterParsers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code config.core.v3.Node}. Its extensions are what this sidecar takes, whatever is written. */
final class NodeParser {
  private static final List<String> EXTENSIONS =
      Stream.concat(
              HttpFilterParsers.ownTypeUrls(),
              Stream.of(
                  Node.ON_DEMAND,
                  Node.INSTANCES,
                  Node.TELEMETRY,
                  Node.FORWARDED_CLIENT_CERT,
                  "type.googleapis.com/weir.extensions.upstreams.v1alpha1.ResilienceOptions"))
          .sorted()
          .toList();

  private NodeParser() {}

  static Node parse(
      io.envoyproxy.envoy.config.core.v3.Node proto, Optional<WorkloadIdentity> identity) {
    Map<String, Object> metadata = map(proto.getMetadata());
    List<String> extensions = new ArrayList<>(EXTENSIONS);
    identity.ifPresent(own -> {
      metadata.put(Node.IDENTITY, own.spiffeId());
      extensions.add(Node.WORKLOAD_IDENTITY);
    });
    return new Node(proto.getId(), proto.getCluster(), metadata, extensions);
  }

  /** A null is left out. */
  private static Map<String, Object> map(Struct struct) {
    Map<String, Object> map = new LinkedHashMap<>();
    struct
        .getFieldsMap()
        .forEach((key, value) -> value(value).ifPresent(content -> map.put(key, content)));
    return map;
  }

  private static Optional<Object> value(Value value) {
    return switch (value.getKindCase()) {
      case NULL_VALUE, KIND_NOT_SET -> Optional.empty();
      case NUMBER_VALUE -> Optional.of(value.getNumberValue());
      case STRING_VALUE -> Optional.of(value.getStringValue());
      case BOOL_VALUE -> Optional.of(value.getBoolValue());
      case STRUCT_VALUE -> Optional.of(map(value.getStructValue()));
      case LIST_VALUE -> {
        List<Object> items = new ArrayList<>();
        value.getListValue().getValuesList().forEach(item -> value(item).ifPresent(items::add));
        yield Optional.of(items);
      }
    };
  }
}
