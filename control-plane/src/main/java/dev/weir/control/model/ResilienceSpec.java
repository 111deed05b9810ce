package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.model.schema.Rule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What callers do to reach a service in spite of failures, which the callers' sidecars enforce; and
 * how much an instance works on at a time, which its own enforces.
 */
@Planned("precedence")
@Rule(
    cel =
        "self.mode != 'Shadow' || !(has(self.timeouts) || has(self.retry) ||"
            + " has(self.hedging) || has(self.outlierDetection))",
    message = ResilienceSpec.SHADOW_MESSAGE)
@Rule(
    cel =
        "has(self.timeouts) || has(self.retry) || has(self.circuitBreaker) ||"
            + " has(self.concurrency) || has(self.hedging) || has(self.outlierDetection)",
    message = ResilienceSpec.EMPTY_MESSAGE)
@Rule(
    cel =
        TargetRef.NONE_IS_ROUTE
            + " || !has(self.circuitBreaker) || self.circuitBreaker.scope != 'Endpoint'",
    message = ResilienceSpec.ENDPOINT_MESSAGE,
    field = "circuitBreaker.scope")
@Rule(
    cel = TargetRef.NONE_IS_ROUTE + " || !has(self.outlierDetection)",
    message = ResilienceSpec.OUTLIER_MESSAGE,
    field = "outlierDetection")
@Rule(
    cel = TargetRef.NONE_IS_ROUTE + " || !has(self.concurrency)",
    message = ResilienceSpec.CONCURRENCY_MESSAGE,
    field = "concurrency")
@Rule(
    cel =
        TargetRef.NONE_IS_ROUTE
            + " || !has(self.retry) || "
            + "double(self.retry.budget.share.replace('%', '')) == 20.0 &&"
            + " duration(self.retry.budget.over) == duration('10s') &&"
            + " self.retry.budget.atLeast.matches('^0*3/s$')",
    message = ResilienceSpec.BUDGET_MESSAGE,
    field = "retry.budget")
public record ResilienceSpec(
    @Field(value = "What the policy is for.", min = "1", max = "16", unique = true)
        List<TargetRef> targetRefs,
    @Field(
            value = "`Shadow`: decide, count, log, do not act; for circuitBreaker and concurrency.",
            defaultsTo = "Enforce")
        Mode mode,
    @Field("How long things may take. Unset: no limit of Weir's.") @Nullable Timeouts timeouts,
    @Field(
            "When to try again. `{}` is the defaults; unset: only what never reached an instance is"
                + " tried again, twice.")
        @Nullable Retry retry,
    @Field("When to stop calling for a while. Unset: never.")
        @Nullable CircuitBreaker circuitBreaker,
    @Field("How much an instance works on at a time. Unset: whatever comes.")
        @Nullable Concurrency concurrency,
    @Field("When to send a slow request to another instance as well. Unset: never.")
        @Nullable Hedging hedging,
    @Field("When to leave out one instance for a while. Unset: never.")
        @Nullable OutlierDetection outlierDetection)
    implements Policy.Spec {
  static final String SHADOW_MESSAGE =
      "mode: Shadow is not supported yet for timeouts, retry, hedging and outlierDetection; put them"
          + " into another policy";
  static final String EMPTY_MESSAGE =
      "has no effect: it sets none of timeouts, retry, circuitBreaker, concurrency, hedging,"
          + " outlierDetection";
  static final String ENDPOINT_MESSAGE =
      "Endpoint is for a Service, and a route is among the targetRefs";
  static final String OUTLIER_MESSAGE =
      "leaves out instances of a Service, and a route is among the targetRefs; name the Service";
  static final String CONCURRENCY_MESSAGE =
      "is of what an instance of a Service works on, and a route is among the targetRefs; name the"
          + " Service";
  static final String BUDGET_MESSAGE =
      "is of all calls to a Service, and a route is among the targetRefs; set it in the retry of a"
          + " policy for the Service";

  public ResilienceSpec {
    targetRefs = List.copyOf(targetRefs);
    if (targetRefs.stream().anyMatch(TargetRef::isRoute)) {
      refuseOnRoute(circuitBreaker, concurrency, outlierDetection, retry);
    }
    if (mode == Mode.SHADOW
        && (timeouts != null || retry != null || hedging != null || outlierDetection != null)) {
      throw new IllegalArgumentException(SHADOW_MESSAGE);
    }
    if (timeouts == null
        && retry == null
        && circuitBreaker == null
        && concurrency == null
        && hedging == null
        && outlierDetection == null) {
      throw new IllegalArgumentException(EMPTY_MESSAGE);
    }
  }

  /** A route is a way of calling a service; instances and budgets are the service's. */
  private static void refuseOnRoute(
      @Nullable CircuitBreaker circuitBreaker,
      @Nullable Concurrency concurrency,
      @Nullable OutlierDetection outlierDetection,
      @Nullable Retry retry) {
    if (circuitBreaker != null && circuitBreaker.scope() == CircuitBreaker.Scope.ENDPOINT) {
      throw new IllegalArgumentException(ENDPOINT_MESSAGE);
    }
    if (outlierDetection != null) {
      throw new IllegalArgumentException(OUTLIER_MESSAGE);
    }
    if (concurrency != null) {
      throw new IllegalArgumentException(CONCURRENCY_MESSAGE);
    }
    if (retry != null && !retry.budget().equals(Retry.Budget.DEFAULT)) {
      throw new IllegalArgumentException(BUDGET_MESSAGE);
    }
  }

  @Override
  public Set<String> sections() {
    Set<String> sections = new TreeSet<>();
    Stream.of(
            Map.entry("timeouts", Optional.ofNullable(timeouts)),
            Map.entry("retry", Optional.ofNullable(retry)),
            Map.entry("circuitBreaker", Optional.ofNullable(circuitBreaker)),
            Map.entry("concurrency", Optional.ofNullable(concurrency)),
            Map.entry("hedging", Optional.ofNullable(hedging)),
            Map.entry("outlierDetection", Optional.ofNullable(outlierDetection)))
        .filter(section -> section.getValue().isPresent())
        .forEach(section -> sections.add(section.getKey()));
    return sections;
  }

  @Override
  public ResilienceSpec only(Set<String> sections) {
    return new ResilienceSpec(
        targetRefs,
        mode,
        sections.contains("timeouts") ? timeouts : null,
        sections.contains("retry") ? retry : null,
        sections.contains("circuitBreaker") ? circuitBreaker : null,
        sections.contains("concurrency") ? concurrency : null,
        sections.contains("hedging") ? hedging : null,
        sections.contains("outlierDetection") ? outlierDetection : null);
  }
}
