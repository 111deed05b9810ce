package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.http.statefulsession.StatefulSessionConfig;
import dev.weir.sidecar.resource.value.Invalid;
import io.envoyproxy.envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute;
import java.util.Optional;
import java.util.Set;

final class StatefulSessionPerRouteParser implements FilterParser {
  @Override
  public String type() {
    return "envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.ROUTE);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    StatefulSessionPerRoute proto = (StatefulSessionPerRoute) content;
    return switch (proto.getOverrideCase()) {
      case DISABLED -> new StatefulSessionConfig(Optional.empty());
      case STATEFUL_SESSION ->
          StatefulSessionParser.config(proto.getStatefulSession(), path.field("stateful_session"));
      case OVERRIDE_NOT_SET ->
          throw new Invalid(path, "sets neither disabled nor stateful_session");
    };
  }
}
