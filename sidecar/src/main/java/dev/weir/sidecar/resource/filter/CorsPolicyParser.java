package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.route.StringMatch;
import dev.weir.sidecar.filter.http.cors.CorsConfig;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.StringMatches;
import dev.weir.sidecar.resource.value.WireTexts;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

final class CorsPolicyParser implements FilterParser {
  private static final int ALL = 1_000_000;

  @Override
  public String type() {
    return "envoy.extensions.filters.http.cors.v3.CorsPolicy";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.ROUTE);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    CorsPolicy proto = (CorsPolicy) content;
    List<StringMatch> origins = new ArrayList<>();
    for (int i = 0; i < proto.getAllowOriginStringMatchCount(); i++) {
      origins.add(
          StringMatches.parse(
              proto.getAllowOriginStringMatch(i),
              path.field("allow_origin_string_match").index(i)));
    }
    return new CorsConfig(
        Optional.of(
            new CorsConfig.Policy(
                origins,
                WireTexts.asciiValue(proto.getAllowMethods(), path.field("allow_methods")),
                WireTexts.asciiValue(proto.getAllowHeaders(), path.field("allow_headers")),
                WireTexts.asciiValue(proto.getExposeHeaders(), path.field("expose_headers")),
                WireTexts.asciiValue(proto.getMaxAge(), path.field("max_age")),
                proto.getAllowCredentials().getValue(),
                // As Envoy: with neither it is on, and shadow_enabled alone turns nothing off.
                share(
                    proto.hasFilterEnabled(),
                    proto.getFilterEnabled(),
                    ALL,
                    path.field("filter_enabled")),
                share(
                    proto.hasShadowEnabled(),
                    proto.getShadowEnabled(),
                    0,
                    path.field("shadow_enabled")),
                proto.getAllowPrivateNetworkAccess().getValue(),
                !proto.hasForwardNotMatchingPreflights()
                    || proto.getForwardNotMatchingPreflights().getValue())));
  }

  private static int share(
      boolean set, RuntimeFractionalPercent proto, int otherwise, FieldPath path) throws Invalid {
    return set
        ? Scalars.perMillion(proto.getDefaultValue(), path.field("default_value"))
        : otherwise;
  }
}
