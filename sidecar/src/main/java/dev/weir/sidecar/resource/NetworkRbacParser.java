package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.listener.NetworkRbac;
import dev.weir.sidecar.config.rbac.Rbac;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.RbacRules;
import io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC;
import java.util.Optional;

/** {@code extensions.filters.network.rbac.v3.RBAC}; what is not honoured is refused. */
final class NetworkRbacParser {
  private NetworkRbacParser() {}

  static NetworkRbac parse(RBAC proto, FieldPath path) throws Invalid {
    if (proto.hasMatcher() || proto.hasShadowMatcher()) {
      throw new Invalid(
          path.field(proto.hasMatcher() ? "matcher" : "shadow_matcher"), "is not supported");
    }
    if (proto.getEnforcementType() != RBAC.EnforcementType.ONE_TIME_ON_FIRST_BYTE) {
      throw new Invalid(path.field("enforcement_type"), "is not supported");
    }
    if (proto.hasDelayDeny()) {
      throw new Invalid(path.field("delay_deny"), "is not supported");
    }
    return new NetworkRbac(
        proto.getStatPrefix(),
        rules(proto.hasRules(), proto.getRules(), path.field("rules")),
        rules(proto.hasShadowRules(), proto.getShadowRules(), path.field("shadow_rules")),
        proto.getShadowRulesStatPrefix());
  }

  private static Optional<Rbac> rules(
      boolean set, io.envoyproxy.envoy.config.rbac.v3.RBAC proto, FieldPath path) throws Invalid {
    return set ? Optional.of(RbacRules.parse(proto, path)) : Optional.empty();
  }
}
