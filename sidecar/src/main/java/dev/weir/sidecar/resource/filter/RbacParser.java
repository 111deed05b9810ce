package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.rbac.Rbac;
import dev.weir.sidecar.filter.http.rbac.RbacConfig;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.RbacRules;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import java.util.Optional;
import java.util.Set;

final class RbacParser implements FilterParser {
  @Override
  public String type() {
    return "envoy.extensions.filters.http.rbac.v3.RBAC";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.DOWNSTREAM);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    return parse((RBAC) content, path);
  }

  /** Rules that are not understood would let in whom they were to keep out. */
  static RbacConfig parse(RBAC proto, FieldPath path) throws Invalid {
    if (proto.hasMatcher()) {
      throw new Invalid(path.field("matcher"), "is not supported; rules are");
    }
    if (proto.hasShadowMatcher()) {
      throw new Invalid(path.field("shadow_matcher"), "is not supported; shadow_rules are");
    }
    return new RbacConfig(
        rules(proto.hasRules(), proto.getRules(), path.field("rules")),
        rules(proto.hasShadowRules(), proto.getShadowRules(), path.field("shadow_rules")),
        proto.getRulesStatPrefix(),
        proto.getShadowRulesStatPrefix());
  }

  private static Optional<Rbac> rules(
      boolean set, io.envoyproxy.envoy.config.rbac.v3.RBAC proto, FieldPath path) throws Invalid {
    return set ? Optional.of(RbacRules.parse(proto, path)) : Optional.empty();
  }
}
