package dev.weir.control.compile.xds;

import com.google.protobuf.Message;
import dev.weir.control.compile.Diagnostics;
import dev.weir.control.model.Limit;
import dev.weir.control.model.Mode;
import dev.weir.control.policy.Policies.LimitOf;
import dev.weir.protos.extensions.filters.http.rate_limit.v1alpha1.KeyPart;
import dev.weir.protos.extensions.filters.http.rate_limit.v1alpha1.RateLimit;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.envoyproxy.envoy.type.v3.TokenBucket;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Limits as Weir's filter takes them, or the nearest that Envoy's own does. */
final class RateLimitCompiler {
  /** Envoy's filter, for clients that do not take Weir's. */
  static final String STANDARD_FILTER = "envoy.filters.http.local_ratelimit";

  private static final String STAT_PREFIX = "limit";

  private RateLimitCompiler() {}

  /** The filter in the chain, which does nothing where no route says more. */
  static Message standardFilter() {
    return LocalRateLimit.newBuilder().setStatPrefix(STAT_PREFIX).build();
  }

  static RateLimit limits(List<LimitOf> limits) {
    RateLimit.Builder builder = RateLimit.newBuilder();
    limits.forEach(limit -> builder.addLimits(limit(limit)));
    return builder.build();
  }

  private static dev.weir.protos.extensions.filters.http.rate_limit.v1alpha1.Limit limit(
      LimitOf of) {
    Limit limit = of.limit();
    var builder =
        dev.weir.protos.extensions.filters.http.rate_limit.v1alpha1.Limit.newBuilder()
            .setPolicy(of.policy().name().toString())
            .setName(limit.name())
            .setRatePerSecond(limit.rate().perSecond())
            .setBurst(limit.capacity())
            .setShadow(of.policy().spec().mode() == Mode.SHADOW);
    limit.matches().stream().map(MatchCompiler::requestMatch).forEach(builder::addMatches);
    for (Limit.KeyPart part : limit.per()) {
      builder.addPer(
          switch (part) {
            case Limit.HeaderKey key ->
                KeyPart.newBuilder().setHeader(key.header().toLowerCase(Locale.ROOT)).build();
            case Limit.AddressKey key -> KeyPart.newBuilder().setRemoteAddress(true).build();
          });
    }
    if (!limit.per().isEmpty()) {
      builder.setMaxKeys(limit.mostKeys());
    }
    return builder.build();
  }

  /** Of the limits on all requests the lowest; every other one is reported. */
  static Optional<LocalRateLimit> nearest(List<LimitOf> limits, Diagnostics diagnostics) {
    Optional<LimitOf> lowest =
        limits.stream()
            .filter(of -> of.limit().per().isEmpty() && of.limit().matches().isEmpty())
            .min(Comparator.comparingDouble(of -> of.limit().rate().perSecond()));
    for (LimitOf of : limits) {
      if (!lowest.filter(of::equals).isPresent()) {
        diagnostics.report(
            "RateLimitPolicy " + of.policy().name(),
            "limits[" + of.limit().name() + "]",
            "left out: this client has one limit, on all requests");
      }
    }
    return lowest.map(RateLimitCompiler::standard);
  }

  private static LocalRateLimit standard(LimitOf of) {
    Limit limit = of.limit();
    boolean shadow = of.policy().spec().mode() == Mode.SHADOW;
    return LocalRateLimit.newBuilder()
        .setStatPrefix(STAT_PREFIX)
        .setTokenBucket(
            TokenBucket.newBuilder()
                .setMaxTokens(limit.capacity())
                .setTokensPerFill(Protos.uint32((int) limit.rate().count()))
                .setFillInterval(Protos.duration(limit.rate().over())))
        .setFilterEnabled(percent(100))
        .setFilterEnforced(percent(shadow ? 0 : 100))
        .build();
  }

  private static RuntimeFractionalPercent percent(int percent) {
    return RuntimeFractionalPercent.newBuilder()
        .setDefaultValue(FractionalPercent.newBuilder().setNumerator(percent))
        .build();
  }
}
