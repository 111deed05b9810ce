package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.protos.Nearest;
import dev.weir.sidecar.config.route.RetryPolicy.Condition;
import dev.weir.sidecar.resource.value.HeaderMatches;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryHostPredicate;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code config.route.v3.RetryPolicy}, with Envoy's defaults: one retry, 25 ms to ten times that.
 */
final class RetryPolicyParser {
  /** It is about HTTP/3, which is not spoken here, so it never holds. */
  private static final String HTTP3_POST_CONNECT_FAILURE = "http3-post-connect-failure";

  private static final Duration DEFAULT_BASE = Duration.ofMillis(25);
  private static final String PREVIOUS_HOSTS = "previous_hosts.v3.PreviousHostsPredicate";

  private RetryPolicyParser() {}

  static dev.weir.sidecar.config.route.RetryPolicy parse(RetryPolicy proto, FieldPath path)
      throws Invalid {
    RetryPolicy.RetryBackOff backOff = proto.getRetryBackOff();
    FieldPath backOffPath = path.field("retry_back_off");
    Duration base =
        Scalars.duration(
            backOff.hasBaseInterval(),
            backOff.getBaseInterval(),
            DEFAULT_BASE,
            backOffPath.field("base_interval"));
    // As Envoy: below a millisecond is a millisecond.
    base = base.toMillis() == 0 ? Duration.ofMillis(1) : base;
    Duration max =
        Scalars.duration(
            backOff.hasMaxInterval(),
            backOff.getMaxInterval(),
            base.multipliedBy(10),
            backOffPath.field("max_interval"));
    if (max.compareTo(base) < 0) {
      throw new Invalid(backOffPath.field("max_interval"), "must be at least the base_interval");
    }
    return new dev.weir.sidecar.config.route.RetryPolicy(
        conditions(proto.getRetryOn(), path.field("retry_on")),
        new HashSet<>(proto.getRetriableStatusCodesList()),
        Scalars.clamp(proto.hasNumRetries(), proto.getNumRetries(), 1),
        Scalars.duration(proto.getPerTryTimeout(), path.field("per_try_timeout")),
        Scalars.duration(proto.getPerTryIdleTimeout(), path.field("per_try_idle_timeout")),
        base,
        max,
        avoidsPreviousHosts(proto.getRetryHostPredicateList(), path.field("retry_host_predicate")),
        HeaderMatches.parse(
            proto.getRetriableRequestHeadersList(), path.field("retriable_request_headers")),
        HeaderMatches.parse(proto.getRetriableHeadersList(), path.field("retriable_headers")));
  }

  private static Set<Condition> conditions(String retryOn, FieldPath path) throws Invalid {
    Set<Condition> conditions = EnumSet.noneOf(Condition.class);
    for (String word : retryOn.split(",", -1)) {
      String name = word.strip();
      Optional<Condition> condition = Condition.of(name);
      if (condition.isPresent()) {
        conditions.add(condition.get());
      } else if (!name.isEmpty() && !name.equals(HTTP3_POST_CONNECT_FAILURE)) {
        throw new Invalid(
            path,
            "unknown condition \""
                + name
                + "\""
                + Nearest.hint(
                    name, Arrays.stream(Condition.values()).map(Condition::word).toList()));
      }
    }
    return conditions;
  }

  private static boolean avoidsPreviousHosts(List<RetryHostPredicate> protos, FieldPath path)
      throws Invalid {
    for (int i = 0; i < protos.size(); i++) {
      if (!protos.get(i).getTypedConfig().getTypeUrl().endsWith(PREVIOUS_HOSTS)) {
        throw new Invalid(path.index(i).field("typed_config"), "must be a ..." + PREVIOUS_HOSTS);
      }
    }
    return !protos.isEmpty();
  }
}
