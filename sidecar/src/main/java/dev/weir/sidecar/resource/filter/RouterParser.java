package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.http.router.RouterConfig;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import java.util.Set;

final class RouterParser implements FilterParser {
  static final String TYPE = "envoy.extensions.filters.http.router.v3.Router";

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.DOWNSTREAM);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) {
    return new RouterConfig(((Router) content).getSuppressEnvoyHeaders());
  }
}
