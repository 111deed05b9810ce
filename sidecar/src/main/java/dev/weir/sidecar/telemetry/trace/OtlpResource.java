package dev.weir.sidecar.telemetry.trace;

import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.listener.Tracing;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;

/** Who sends spans: the service that the sidecar is of, this instance of it, and the program. */
final class OtlpResource {
  private static final String SCOPE = "dev.weir.sidecar";
  private static final String SCHEMA = "https://opentelemetry.io/schemas/1.45.0";
  private static final String NAME = "service.name";
  private static final String INSTANCE = "service.instance.id";
  private static final String UNKNOWN = "unknown_service:weir";

  private OtlpResource() {}

  /** Makes spans for {@code exporter}. */
  static SpanBuilder spans(Tracing.Exporter exporter, Node node) {
    String version = OtlpResource.class.getPackage().getImplementationVersion();
    String program = version == null ? "development" : version;
    return new SpanBuilder(
        Resource.getDefault().merge(Resource.create(attributes(exporter, node, program))),
        InstrumentationScopeInfo.builder(SCOPE).setVersion(program).setSchemaUrl(SCHEMA).build());
  }

  private static Attributes attributes(Tracing.Exporter exporter, Node node, String program) {
    AttributesBuilder attributes = Attributes.builder();
    attributes.put(NAME, node.cluster().isEmpty() ? UNKNOWN : node.cluster());
    if (!node.id().isEmpty()) {
      attributes.put(INSTANCE, node.id());
    }
    attributes.put("telemetry.distro.name", "weir");
    attributes.put("telemetry.distro.version", program);
    exporter.attributes().forEach(attributes::put);
    if (!exporter.serviceName().isEmpty()) {
      attributes.put(NAME, exporter.serviceName());
    }
    return attributes.build();
  }
}
