package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Planned;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Stops calling what keeps failing. Attempts are counted, in each caller's sidecar; a refusal of
 * Weir's own is never a failure.
 */
public record CircuitBreaker(
    @Field(
            value =
                "What one breaker is for: the service, one instance, or one route. That of a policy"
                    + " on a route is always the route's.",
            defaultsTo = "Service")
        Scope scope,
    @Field("When it opens: exactly one of the following.") Trip trip,
    @Field(value = "Closed: the count is cleared this often. Unset: never.", min = "1s", max = "1h")
        @Nullable Duration interval,
    @Field(
            value = "How long it stays open before it probes.",
            defaultsTo = "5s",
            min = "1ms",
            max = "1h")
        Duration openFor,
    @Field(
            value = "Half-open: so many successes in a row close it, any failure opens it again.",
            defaultsTo = "3",
            min = "1",
            max = "100")
        int probes) {
  /** What shares a breaker. */
  public enum Scope {
    SERVICE,
    ENDPOINT,
    ROUTE
  }

  /** What opens it. */
  @Planned({"failureRate: use consecutiveFailures", "slowCalls: use consecutiveFailures"})
  public sealed interface Trip {}

  /** So many failures, one after the other. */
  public record ConsecutiveFailures(
      @Field(value = "So many failed attempts in a row.", min = "1", max = "10000")
          int consecutiveFailures)
      implements Trip {}
}
