package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.model.schema.Rule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How much a service takes; enforced by its own sidecars, so that it holds against any caller. All
 * matching limits must admit; a refused request takes no token from any.
 */
@Planned("precedence")
@Rule(cel = TargetRef.NONE_IS_ROUTE, message = RateLimitSpec.ROUTE_MESSAGE, field = "targetRefs")
public record RateLimitSpec(
    @Field(value = "What the policy is for.", min = "1", max = "16", unique = true)
        List<TargetRef> targetRefs,
    @Field(value = "`Shadow`: decide, count, log, do not refuse.", defaultsTo = "Enforce")
        Mode mode,
    @Field(
            value =
                "The limits. Those of all policies for a service add up; of two with one name the"
                    + " most specific holds.",
            min = "1",
            max = "32",
            key = "name")
        List<Limit> limits)
    implements Policy.Spec {
  static final String ROUTE_MESSAGE =
      "limits are enforced by the service, which sees requests and not routes; name the Service, and"
          + " the requests in limits[].matches";

  public RateLimitSpec {
    targetRefs = List.copyOf(targetRefs);
    if (targetRefs.stream().anyMatch(TargetRef::isRoute)) {
      throw new IllegalArgumentException(ROUTE_MESSAGE);
    }
    limits = List.copyOf(limits);
  }

  @Override
  public Set<String> sections() {
    return limits.stream()
        .map(RateLimitSpec::section)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Override
  public RateLimitSpec only(Set<String> sections) {
    return new RateLimitSpec(
        targetRefs,
        mode,
        limits.stream().filter(limit -> sections.contains(section(limit))).toList());
  }

  private static String section(Limit limit) {
    return "limits[" + limit.name() + "]";
  }
}
