package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Percentage;
import dev.weir.control.model.schema.Rate;
import dev.weir.control.model.schema.Rule;
import java.time.Duration;
import java.util.List;

/** When a request is tried again, and how often all of them together may be. */
public record Retry(
    @Field(value = "Retries after the first try.", defaultsTo = "2", max = "10") int attempts,
    @Field(
            value = "Statuses that are tried again.",
            defaultsTo = "[503]",
            max = "32",
            eachMin = "400",
            eachMax = "599")
        List<Integer> codes,
    @Field(
            value =
                "Failures that are tried again. The first two never reached an application;"
                    + " `ResetBeforeRequest` left before the request was sent.",
            defaultsTo = "[ConnectFailure, RefusedStream, ResetBeforeRequest]",
            max = "16")
        List<Condition> conditions,
    @Field(
            value =
                "`Idempotent`: GET, HEAD, PUT, DELETE, OPTIONS, and whatever carries an"
                    + " Idempotency-Key; other requests are tried once. `Any`: every request, for"
                    + " services that take the same request twice (and for gRPC, whose calls are"
                    + " POST).",
            defaultsTo = "Idempotent")
        Methods methods,
    @Field(value = "What all retries of a caller to a service may add.", defaultsTo = "{}")
        Budget budget,
    @Field(value = "The wait before a retry, with full jitter.", defaultsTo = "{}")
        Backoff backoff) {
  public Retry {
    codes = List.copyOf(codes);
    conditions = List.copyOf(conditions);
  }

  /** Failures short of a response that can be counted on, and what gRPC calls its statuses. */
  public enum Condition {
    CONNECT_FAILURE,
    REFUSED_STREAM,
    RESET_BEFORE_REQUEST,
    RESET,
    GATEWAY_ERROR,
    SERVER_ERROR,
    GRPC_CANCELLED,
    GRPC_DEADLINE_EXCEEDED,
    GRPC_INTERNAL,
    GRPC_RESOURCE_EXHAUSTED,
    GRPC_UNAVAILABLE
  }

  /** Which requests may be sent twice. */
  public enum Methods {
    IDEMPOTENT,
    ANY
  }

  /** A token bucket per caller and service: deposits {@code share} per request, one per retry. */
  public record Budget(
      @Field(value = "Retries as a share of the requests.", defaultsTo = "20%") Percentage share,
      @Field(
              value =
                  "How long unused shares are kept: what traffic has saved melts away over this time.",
              defaultsTo = "10s",
              min = "1s",
              max = "5m")
          Duration over,
      @Field(
              value = "Retries that are always allowed; idle time saves one second of them.",
              defaultsTo = "3/s")
          Rate atLeast) {
    /** What holds without a policy. */
    public static final Budget DEFAULT =
        new Budget(Percentage.parse("20%"), Duration.ofSeconds(10), Rate.parse("3/s"));
  }

  /** The n-th retry waits a random part of base x 2^n, at most max. */
  @Rule(
      cel = "!has(self.base) || !has(self.max) || duration(self.base) <= duration(self.max)",
      message = Backoff.MESSAGE)
  public record Backoff(
      @Field(value = "The first wait.", defaultsTo = "25ms", min = "1ms", max = "1m") Duration base,
      @Field(value = "The longest wait.", defaultsTo = "250ms", min = "1ms", max = "5m")
          Duration max) {
    static final String MESSAGE = "base is longer than max";

    public Backoff {
      if (base.compareTo(max) > 0) {
        throw new IllegalArgumentException(MESSAGE);
      }
    }
  }
}
