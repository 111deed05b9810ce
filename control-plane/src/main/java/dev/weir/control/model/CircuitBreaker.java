package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Percentage;
import dev.weir.control.model.schema.Rule;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Stops calling what keeps failing. Attempts are counted, in each caller's sidecar; a refusal of
 * Weir's own is never a failure.
 */
@Rule(
    cel = "!has(self.interval) || has(self.trip.consecutiveFailures)",
    message = CircuitBreaker.INTERVAL_MESSAGE)
public record CircuitBreaker(
    @Field(
            value =
                "What one breaker is for: the service, one instance, or one route. That of a policy"
                    + " on a route is always the route's.",
            defaultsTo = "Service")
        Scope scope,
    @Field("When it opens: exactly one of the following.") Trip trip,
    @Field(
            value =
                "Closed, with consecutiveFailures: the count is cleared this often. Unset: never.",
            min = "1s",
            max = "1h")
        @Nullable Duration interval,
    @Field(
            value = "How long it stays open before it probes.",
            defaultsTo = "5s",
            min = "1ms",
            max = "1h")
        Duration openFor,
    @Field(
            value =
                "Half-open: so many successes in a row close it, any failure opens it again; with"
                    + " slowCalls, any slow call too.",
            defaultsTo = "3",
            min = "1",
            max = "100")
        int probes) {
  static final String INTERVAL_MESSAGE =
      "interval is for consecutiveFailures; a window forgets by itself";

  public CircuitBreaker {
    if (interval != null && !(trip instanceof ConsecutiveFailures)) {
      throw new IllegalArgumentException(INTERVAL_MESSAGE);
    }
  }

  /** What shares a breaker. */
  public enum Scope {
    SERVICE,
    ENDPOINT,
    ROUTE
  }

  /** What opens it. */
  public sealed interface Trip {}

  /** So many failures, one after the other. */
  public record ConsecutiveFailures(
      @Field(value = "So many failed attempts in a row.", min = "1", max = "10000")
          int consecutiveFailures)
      implements Trip {}

  /** Too many of the latest attempts failed. */
  public record TooManyFailed(
      @Field("So large a share of the latest attempts failed.") FailureRate failureRate)
      implements Trip {}

  /** Too many of the latest attempts were slow. */
  public record TooManySlow(
      @Field("So large a share of the latest attempts was slow, whether or not it failed.")
          SlowCalls slowCalls)
      implements Trip {}

  /** A share of the latest attempts that failed. */
  @Rule(cel = Window.ENOUGH, message = Window.ENOUGH_MESSAGE)
  public record FailureRate(
      @Field(value = "Of the attempts in the window; at this share it opens.", min = "1%")
          Percentage share,
      @Field(value = Window.WHICH, defaultsTo = Window.DEFAULT) Window window,
      @Field(value = Window.AT_LEAST, min = "1", max = "10000") @Nullable Integer atLeast) {
    public FailureRate {
      window.refuseTooFew(atLeast);
    }

    /** How many attempts there must be to judge by. */
    public int enough() {
      return window.enough(atLeast);
    }
  }

  /** A share of the latest attempts that was slow. */
  @Rule(cel = Window.ENOUGH, message = Window.ENOUGH_MESSAGE)
  public record SlowCalls(
      @Field(
              value =
                  "Slow is what takes longer, from the end of the request to the head of the"
                      + " response or to the failure; what its caller gave up by then is slow too.",
              min = "1ms",
              max = "1h")
          Duration slowerThan,
      @Field(value = "Of the attempts in the window; at this share it opens.", min = "1%")
          Percentage share,
      @Field(value = Window.WHICH, defaultsTo = Window.DEFAULT) Window window,
      @Field(value = Window.AT_LEAST, min = "1", max = "10000") @Nullable Integer atLeast) {
    public SlowCalls {
      window.refuseTooFew(atLeast);
    }

    /** How many attempts there must be to judge by. */
    public int enough() {
      return window.enough(atLeast);
    }
  }

  /** Which attempts are the latest. */
  public sealed interface Window {
    String WHICH = "Which attempts are counted: exactly one of the following.";
    String DEFAULT = "{requests: 100}";
    String AT_LEAST =
        "Fewer attempts in the window decide nothing. Unset: 20, or as many as the window has.";
    String ENOUGH =
        "!has(self.atLeast) || !has(self.window.requests) ||"
            + " self.atLeast <= self.window.requests";
    String ENOUGH_MESSAGE = "atLeast is above window.requests";
    int DEFAULT_AT_LEAST = 20;

    /** The most attempts it has. */
    default int most() {
      return switch (this) {
        case LastRequests last -> last.requests();
        case LastTime _ -> Integer.MAX_VALUE;
      };
    }

    private void refuseTooFew(@Nullable Integer atLeast) {
      if (atLeast != null && atLeast > most()) {
        throw new IllegalArgumentException(ENOUGH_MESSAGE);
      }
    }

    private int enough(@Nullable Integer atLeast) {
      return atLeast != null ? atLeast : Math.min(DEFAULT_AT_LEAST, most());
    }
  }

  /** The last so many. */
  public record LastRequests(
      @Field(value = "The last so many.", min = "1", max = "10000") int requests)
      implements Window {}

  /** Those of some time. */
  public record LastTime(
      @Field(value = "Those that ended within this time, to a tenth of it.", min = "1s", max = "1h")
          Duration duration)
      implements Window {}
}
