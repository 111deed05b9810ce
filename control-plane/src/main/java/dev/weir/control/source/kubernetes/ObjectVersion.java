package dev.weir.control.source.kubernetes;

import dev.weir.control.source.Unit;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.Resource;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An object of a cluster in one of its versions.
 *
 * @param name kind and name, as in {@code Service shop/cart}
 * @param version the API server's, opaque
 */
record ObjectVersion(
    String name, String version, Instant readAt, List<Resource> resources, List<Finding> findings)
    implements Unit {
  ObjectVersion {
    resources = List.copyOf(resources);
    findings = List.copyOf(findings);
  }

  @Override
  public boolean same(@Nullable Unit other) {
    return other instanceof ObjectVersion object
        && name.equals(object.name)
        && version.equals(object.version);
  }
}
