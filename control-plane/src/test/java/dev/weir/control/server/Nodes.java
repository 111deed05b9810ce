package dev.weir.control.server;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.control.Meshes;
import io.envoyproxy.envoy.config.core.v3.Extension;
import io.envoyproxy.envoy.config.core.v3.Node;

/** Nodes as sidecars send them. */
final class Nodes {
  private Nodes() {}

  static Node sidecar(String id, String service, String address) {
    return Node.newBuilder()
        .setId(id)
        .setMetadata(
            Struct.newBuilder()
                .putFields("WEIR_SERVICE", text(service))
                .putFields("WEIR_NAMESPACE", text("shop"))
                .putFields("WEIR_ADDRESS", text(address)))
        .addExtensions(
            Extension.newBuilder().setName("weir").addAllTypeUrls(Meshes.WEIR_EXTENSIONS))
        .build();
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }
}
