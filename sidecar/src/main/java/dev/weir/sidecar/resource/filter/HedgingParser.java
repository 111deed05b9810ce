package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.extensions.filters.http.router.v1alpha1.Hedging;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.http.router.HedgingConfig;
import dev.weir.sidecar.resource.value.HeaderMatches;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import java.util.Set;

/** What a route says for the router. */
final class HedgingParser implements FilterParser {
  @Override
  public String type() {
    return "weir.extensions.filters.http.router.v1alpha1.Hedging";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.ROUTE);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    Hedging proto = (Hedging) content;
    return new HedgingConfig(
        Scalars.duration(proto.getDelay(), path.field("delay")),
        proto.getAttempts(),
        HeaderMatches.parse(proto.getRequestHeadersList(), path.field("request_headers")));
  }
}
