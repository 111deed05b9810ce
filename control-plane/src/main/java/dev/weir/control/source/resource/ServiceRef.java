package dev.weir.control.source.resource;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.ServicePort;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Gateway API's {@code BackendObjectReference}, wherever a route leads to something. */
interface ServiceRef {
  String group();

  String kind();

  @Nullable String namespace();

  String name();

  int port();

  /**
   * What it refers to, if that is a Service, of which there are no others here; else {@code kind}
   * or {@code group} is wrong.
   *
   * @param place of the reference
   */
  default ServicePort target(Manifest manifest, Place place, Findings findings) {
    if (!kind().equals("Service") || !group().isEmpty()) {
      String field = kind().equals("Service") ? "group" : "kind";
      findings.error(place.at(), place.path().field(field), "not supported yet: use a Service");
    }
    String namespace = Objects.requireNonNullElse(namespace(), manifest.name().namespace());
    return new ServicePort(new ObjectName(namespace, name()), port());
  }
}
