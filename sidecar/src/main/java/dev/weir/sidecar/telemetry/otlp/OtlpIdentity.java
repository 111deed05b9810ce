package dev.weir.sidecar.telemetry.otlp;

import dev.weir.sidecar.config.bootstrap.Node;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import java.util.Map;

/** Who sends: the service that the sidecar is of, this instance of it, and the program. */
public final class OtlpIdentity {
  private static final String SCOPE = "dev.weir.sidecar";
  private static final String SCHEMA = "https://opentelemetry.io/schemas/1.45.0";
  private static final String NAME = "service.name";
  private static final String INSTANCE = "service.instance.id";
  private static final String UNKNOWN = "unknown_service:weir";

  private OtlpIdentity() {}

  /**
   * @param serviceName empty: the node's cluster
   * @param further attributes, beside the node's
   */
  public static Resource resource(Node node, String serviceName, Map<String, String> further) {
    AttributesBuilder attributes = Attributes.builder();
    attributes.put(NAME, node.cluster().isEmpty() ? UNKNOWN : node.cluster());
    if (!node.id().isEmpty()) {
      attributes.put(INSTANCE, node.id());
    }
    attributes.put("telemetry.distro.name", "weir");
    attributes.put("telemetry.distro.version", program());
    further.forEach(attributes::put);
    if (!serviceName.isEmpty()) {
      attributes.put(NAME, serviceName);
    }
    return Resource.getDefault().merge(Resource.create(attributes.build()));
  }

  /** Of all that a sidecar sends. */
  public static InstrumentationScopeInfo scope() {
    return InstrumentationScopeInfo.builder(SCOPE)
        .setVersion(program())
        .setSchemaUrl(SCHEMA)
        .build();
  }

  private static String program() {
    String version = OtlpIdentity.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
