package dev.weir.sidecar.http;

import org.jspecify.annotations.Nullable;

/**
 * What one policy made of a request, and the numbers it decided by. Kept with the stream's facts,
 * for who asks why it went as it did.
 *
 * @param before the decision before it; null for the first
 * @param nanos when, by the loop's {@code nanoTime}
 * @param what decided, as people call it: {@code rate limit}
 * @param policy namespace/name; empty where the configuration names none
 * @param limit the limit's name in that policy; empty for none
 * @param level how much of {@code bound} there is, or is taken; negative: it has no numbers
 * @param unit of both: {@code tokens left}; without numbers, what there is to say
 */
public record PolicyDecision(
    @Nullable PolicyDecision before,
    long nanos,
    String what,
    String policy,
    String limit,
    Outcome outcome,
    long level,
    long bound,
    String unit) {
  /** What becomes of the request by it. */
  public enum Outcome {
    ADMITTED("admitted"),
    WAITS("waits"),
    REFUSED("refused"),
    WOULD_REFUSE("would have refused");

    private final String word;

    Outcome(String word) {
      this.word = word;
    }

    /** As people read it. */
    public String word() {
      return word;
    }
  }

  /** {@code 3 of 200 tokens left}; empty for nothing. */
  public String numbers() {
    if (level < 0) {
      return unit;
    }
    return bound < 0 ? level + " " + unit : level + " of " + bound + " " + unit;
  }
}
