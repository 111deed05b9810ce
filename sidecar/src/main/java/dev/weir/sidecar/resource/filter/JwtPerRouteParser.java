package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.http.jwtauthn.JwtConfig;
import dev.weir.sidecar.resource.value.Invalid;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig;
import java.util.Optional;
import java.util.Set;

final class JwtPerRouteParser implements FilterParser {
  @Override
  public String type() {
    return "envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.ROUTE);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    PerRouteConfig proto = (PerRouteConfig) content;
    return switch (proto.getRequirementSpecifierCase()) {
      case DISABLED -> new JwtConfig.Route(Optional.empty());
      case REQUIREMENT_NAME -> new JwtConfig.Route(Optional.of(proto.getRequirementName()));
      case REQUIREMENTSPECIFIER_NOT_SET ->
          throw new Invalid(path, "must set one of disabled, requirement_name");
    };
  }
}
