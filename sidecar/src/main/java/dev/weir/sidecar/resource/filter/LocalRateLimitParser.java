package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.route.HeaderMutation;
import dev.weir.sidecar.filter.http.localratelimit.LocalRateLimitConfig;
import dev.weir.sidecar.filter.http.localratelimit.LocalRateLimitConfig.TokenBucket;
import dev.weir.sidecar.resource.value.HeaderMutations;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

final class LocalRateLimitParser implements FilterParser {
  private static final int TOO_MANY_REQUESTS = 429;

  /** Envoy's bound (local_ratelimit_impl.cc), which keeps its refill timer affordable. */
  private static final Duration LEAST_FILL_INTERVAL = Duration.ofMillis(50);

  @Override
  public String type() {
    return "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.DOWNSTREAM, Place.ROUTE);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    LocalRateLimit proto = (LocalRateLimit) content;
    if (place == Place.ROUTE && !proto.hasTokenBucket()) {
      throw new Invalid(path.field("token_bucket"), "must be set on a route");
    }
    int status = proto.getStatus().getCodeValue();
    return new LocalRateLimitConfig(
        proto.getStatPrefix(),
        proto.hasTokenBucket()
            ? Optional.of(bucket(proto.getTokenBucket(), path.field("token_bucket")))
            : Optional.empty(),
        share(proto.hasFilterEnabled(), proto.getFilterEnabled(), path.field("filter_enabled")),
        share(proto.hasFilterEnforced(), proto.getFilterEnforced(), path.field("filter_enforced")),
        // As Envoy: a refusal is never a success.
        status < 400 ? TOO_MANY_REQUESTS : status,
        new HeaderMutation(
            HeaderMutations.additions(
                proto.getResponseHeadersToAddList(), path.field("response_headers_to_add")),
            List.of()));
  }

  private static TokenBucket bucket(io.envoyproxy.envoy.type.v3.TokenBucket proto, FieldPath path)
      throws Invalid {
    Duration interval = Scalars.duration(proto.getFillInterval(), path.field("fill_interval"));
    if (interval.compareTo(LEAST_FILL_INTERVAL) < 0) {
      throw new Invalid(path.field("fill_interval"), "must be at least 0.05s");
    }
    long perFill =
        proto.hasTokensPerFill() ? Integer.toUnsignedLong(proto.getTokensPerFill().getValue()) : 1;
    return new TokenBucket(Integer.toUnsignedLong(proto.getMaxTokens()), perFill, interval);
  }

  /** Unset is 0%, "for safety" as the proto says. */
  private static int share(boolean set, RuntimeFractionalPercent proto, FieldPath path)
      throws Invalid {
    return set ? Scalars.perMillion(proto.getDefaultValue(), path.field("default_value")) : 0;
  }
}
