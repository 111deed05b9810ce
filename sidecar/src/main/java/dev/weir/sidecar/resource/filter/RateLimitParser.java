package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.extensions.filters.http.rate_limit.v1alpha1.RateLimit;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.route.RouteMatch;
import dev.weir.sidecar.filter.http.ratelimit.RateLimitConfig;
import dev.weir.sidecar.filter.http.ratelimit.RateLimitConfig.KeyPart;
import dev.weir.sidecar.filter.http.ratelimit.RateLimitConfig.Limit;
import dev.weir.sidecar.filter.http.ratelimit.RateLimitConfig.RequestMatch;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.RouteMatches;
import dev.weir.sidecar.resource.value.Scalars;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

final class RateLimitParser implements FilterParser {
  private static final int DEFAULT_MAX_KEYS = 10_000;

  /** Of a limit's buckets; some 100 MB of them. */
  private static final int MOST_KEYS = 1_000_000;

  private static final RouteMatch ANY_REQUEST =
      new RouteMatch(new RouteMatch.PathMatch.Prefix(""), true, List.of(), List.of(), false);

  @Override
  public String type() {
    return "weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.DOWNSTREAM, Place.ROUTE);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    RateLimit proto = (RateLimit) content;
    List<Limit> limits = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < proto.getLimitsCount(); i++) {
      FieldPath at = path.field("limits").index(i);
      Limit limit = limit(proto.getLimits(i), at);
      if (!names.add(limit.policy() + "\n" + limit.name())) {
        throw new Invalid(at.field("name"), "\"" + limit.name() + "\" is there twice");
      }
      limits.add(limit);
    }
    return new RateLimitConfig(limits);
  }

  private static Limit limit(
      dev.weir.protos.extensions.filters.http.rate_limit.v1alpha1.Limit proto, FieldPath path)
      throws Invalid {
    if (!Double.isFinite(proto.getRatePerSecond())) {
      throw new Invalid(path.field("rate_per_second"), "must be finite");
    }
    if (proto.getBurst() < 0) {
      throw new Invalid(path.field("burst"), "must be below 2^63");
    }
    int maxKeys = Scalars.clamp(proto.getMaxKeys());
    if (maxKeys > MOST_KEYS) {
      throw new Invalid(path.field("max_keys"), "must be at most " + MOST_KEYS);
    }
    return new Limit(
        proto.getPolicy(),
        proto.getName(),
        matches(proto.getMatchesList(), path.field("matches")),
        proto.getRatePerSecond(),
        proto.getBurst(),
        keyParts(proto.getPerList(), path.field("per")),
        maxKeys == 0 ? DEFAULT_MAX_KEYS : maxKeys,
        proto.getShadow());
  }

  static List<RequestMatch> matches(
      List<dev.weir.protos.extensions.filters.http.rate_limit.v1alpha1.RequestMatch> protos,
      FieldPath path)
      throws Invalid {
    List<RequestMatch> matches = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      var proto = protos.get(i);
      matches.add(
          new RequestMatch(
              proto.hasRoute()
                  ? RouteMatches.parse(proto.getRoute(), path.index(i).field("route"))
                  : ANY_REQUEST,
              proto.getMethod()));
    }
    return matches;
  }

  private static List<KeyPart> keyParts(
      List<dev.weir.protos.extensions.filters.http.rate_limit.v1alpha1.KeyPart> protos,
      FieldPath path)
      throws Invalid {
    List<KeyPart> parts = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      parts.add(
          switch (protos.get(i).getPartCase()) {
            case HEADER -> new KeyPart.Header(protos.get(i).getHeader().toLowerCase(Locale.ROOT));
            case REMOTE_ADDRESS -> new KeyPart.RemoteAddress();
            case PART_NOT_SET ->
                throw new Invalid(path.index(i), "must set header or remote_address");
          });
    }
    return parts;
  }
}
