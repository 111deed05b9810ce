package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.http.buffer.BufferConfig;
import dev.weir.sidecar.resource.value.Invalid;
import io.envoyproxy.envoy.extensions.filters.http.buffer.v3.Buffer;
import java.util.Set;

final class BufferParser implements FilterParser {
  @Override
  public String type() {
    return "envoy.extensions.filters.http.buffer.v3.Buffer";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.DOWNSTREAM);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    return config((Buffer) content, path);
  }

  static BufferConfig config(Buffer proto, FieldPath path) throws Invalid {
    long limit = Integer.toUnsignedLong(proto.getMaxRequestBytes().getValue());
    if (limit == 0) {
      throw new Invalid(path.field("max_request_bytes"), "must be above 0");
    }
    return new BufferConfig(limit);
  }
}
