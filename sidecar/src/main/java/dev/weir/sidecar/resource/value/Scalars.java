package dev.weir.sidecar.resource.value;

import com.google.protobuf.UInt32Value;
import dev.weir.protos.FieldPath;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import java.time.Duration;

/** Durations, unsigned integers and shares. */
public final class Scalars {
  private Scalars() {}

  /** Refuses what is negative or out of the range of its proto. */
  public static Duration duration(com.google.protobuf.Duration proto, FieldPath path)
      throws Invalid {
    Duration duration = Duration.ofSeconds(proto.getSeconds(), proto.getNanos());
    if (duration.isNegative()) {
      throw new Invalid(path, "must not be negative");
    }
    // A hundred years is for ever, and the sum of two of them is no overflow in nanoseconds.
    Duration most = Duration.ofDays(36_500);
    return duration.compareTo(most) < 0 ? duration : most;
  }

  /** {@code proto} if {@code set}, else {@code otherwise}. */
  public static Duration duration(
      boolean set, com.google.protobuf.Duration proto, Duration otherwise, FieldPath path)
      throws Invalid {
    return set ? duration(proto, path) : otherwise;
  }

  /** A uint32 as an int, what is above its range as the greatest. */
  public static int clamp(int unsigned) {
    return unsigned < 0 ? Integer.MAX_VALUE : unsigned;
  }

  public static int clamp(boolean set, UInt32Value proto, int otherwise) {
    return set ? clamp(proto.getValue()) : otherwise;
  }

  /** 0 to 1,000,000. */
  public static int perMillion(FractionalPercent percent, FieldPath path) throws Invalid {
    long factor =
        switch (percent.getDenominator()) {
          case HUNDRED -> 10_000;
          case TEN_THOUSAND -> 100;
          case MILLION -> 1;
          case UNRECOGNIZED ->
              throw new Invalid(
                  path.field("denominator"), "has no value " + percent.getDenominatorValue());
        };
    return (int) Math.min(1_000_000, Integer.toUnsignedLong(percent.getNumerator()) * factor);
  }
}
