package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.http.cors.CorsConfig;
import java.util.Optional;
import java.util.Set;

final class CorsParser implements FilterParser {
  @Override
  public String type() {
    return "envoy.extensions.filters.http.cors.v3.Cors";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.DOWNSTREAM);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) {
    return new CorsConfig(Optional.empty());
  }
}
