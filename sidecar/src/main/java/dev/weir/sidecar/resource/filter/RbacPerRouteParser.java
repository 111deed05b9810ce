package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.resource.value.Invalid;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import java.util.Set;

final class RbacPerRouteParser implements FilterParser {
  @Override
  public String type() {
    return "envoy.extensions.filters.http.rbac.v3.RBACPerRoute";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.ROUTE);
  }

  /** Without {@code rbac} it lets all through, as in Envoy. */
  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    return RbacParser.parse(((RBACPerRoute) content).getRbac(), path.field("rbac"));
  }
}
