package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.http.buffer.BufferConfig;
import dev.weir.sidecar.resource.value.Invalid;
import io.envoyproxy.envoy.extensions.filters.http.buffer.v3.BufferPerRoute;
import java.util.Set;

final class BufferPerRouteParser implements FilterParser {
  @Override
  public String type() {
    return "envoy.extensions.filters.http.buffer.v3.BufferPerRoute";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.ROUTE);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    BufferPerRoute proto = (BufferPerRoute) content;
    return switch (proto.getOverrideCase()) {
      case DISABLED -> new BufferConfig(0);
      case BUFFER -> BufferParser.config(proto.getBuffer(), path.field("buffer"));
      case OVERRIDE_NOT_SET -> throw new Invalid(path, "sets neither disabled nor buffer");
    };
  }
}
