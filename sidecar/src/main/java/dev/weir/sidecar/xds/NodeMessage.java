package dev.weir.sidecar.xds;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.sidecar.config.bootstrap.Node;
import io.envoyproxy.envoy.config.core.v3.Extension;
import java.util.List;
import java.util.Map;

/** The node as a stream's first request carries it. */
public final class NodeMessage {
  private static final String RESOURCE_IN_SOTW = "xds.config.resource-in-sotw";

  private NodeMessage() {}

  /**
   * @param asks whether it asks for destinations that it is not told of
   */
  public static io.envoyproxy.envoy.config.core.v3.Node of(
      Node node, String version, boolean asks) {
    var message =
        io.envoyproxy.envoy.config.core.v3.Node.newBuilder()
            .setId(node.id())
            .setCluster(node.cluster())
            .setUserAgentName("weir")
            .setUserAgentVersion(version)
            .addClientFeatures(RESOURCE_IN_SOTW);
    if (!node.metadata().isEmpty()) {
      message.setMetadata(struct(node.metadata()));
    }
    for (String typeUrl : node.extensions()) {
      if (!asks && typeUrl.equals(Node.ON_DEMAND)) {
        continue;
      }
      message.addExtensions(
          Extension.newBuilder().setName(filterName(typeUrl)).addTypeUrls(typeUrl));
    }
    return message.build();
  }

  /**
   * {@code weir.filters.http.rate_limit} of {@code
   * .../weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit}.
   */
  private static String filterName(String typeUrl) {
    String name = typeUrl.substring(typeUrl.lastIndexOf('/') + 1);
    return name.replaceFirst("\\.extensions\\.", ".").replaceFirst("\\.v\\d\\w*\\.\\w+$", "");
  }

  private static Struct struct(Map<?, ?> map) {
    Struct.Builder struct = Struct.newBuilder();
    map.forEach((key, value) -> struct.putFields(key.toString(), value(value)));
    return struct.build();
  }

  private static Value value(Object value) {
    Value.Builder message = Value.newBuilder();
    switch (value) {
      case String text -> message.setStringValue(text);
      case Number number -> message.setNumberValue(number.doubleValue());
      case Boolean bool -> message.setBoolValue(bool);
      case Map<?, ?> map -> message.setStructValue(struct(map));
      case List<?> list ->
          message.setListValue(
              ListValue.newBuilder().addAllValues(list.stream().map(NodeMessage::value).toList()));
      default -> throw new IllegalArgumentException("node metadata of " + value.getClass());
    }
    return message.build();
  }
}
