package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.model.schema.Rate;
import dev.weir.control.model.schema.Rule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One limit: a token bucket, or one for each key. */
@Planned("onUnavailable")
@Rule(
    cel = "!has(self.maxKeys) || has(self.per) && size(self.per) > 0",
    message = Limit.KEYS_MESSAGE)
public record Limit(
    @Field(
            value = "Names it in refusals and metrics.",
            min = "1",
            max = "63",
            pattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
        String name,
    @Field("`Replica`: each instance admits this much.") Scope scope,
    @Field("Which requests it counts: any of these. Empty: all.") List<HttpMatch> matches,
    @Field(value = "What makes the key; each key has a bucket. Empty: one bucket.", max = "4")
        List<KeyPart> per,
    @Field(value = "How much comes in.", min = "1/h") Rate rate,
    @Field(
            value = "How much at once, at least 1. Unset: what comes in a second.",
            min = "1",
            max = "1000000000")
        @Nullable Integer burst,
    @Field(
            value = "With per: the most keys kept; further ones share a bucket. Unset: 10000.",
            min = "1",
            max = "100000")
        @Nullable Integer maxKeys) {
  private static final int DEFAULT_MAX_KEYS = 10_000;

  static final String KEYS_MESSAGE =
      "maxKeys has no effect without per, which says what makes a key";

  public Limit {
    matches = List.copyOf(matches);
    per = List.copyOf(per);
    if (maxKeys != null && per.isEmpty()) {
      throw new IllegalArgumentException(KEYS_MESSAGE);
    }
  }

  /** The size of the bucket. */
  public int capacity() {
    return burst != null ? burst : (int) Math.max(1, Math.ceil(rate.perSecond()));
  }

  /** The most keys kept. */
  public int mostKeys() {
    return maxKeys != null ? maxKeys : DEFAULT_MAX_KEYS;
  }

  /** Where a limit is counted. */
  @Planned({"Service: use Replica", "Global: use Replica"})
  public enum Scope {
    REPLICA
  }

  /** A part of a limit's key. */
  public sealed interface KeyPart {}

  /** A request without the header shares the bucket {@code (missing)}. */
  public record HeaderKey(
      @Field(
              value = "The value of this header.",
              min = "1",
              max = "256",
              pattern = "^[A-Za-z0-9!#$%&'*+\\-.^_|~]+$")
          String header)
      implements KeyPart {}

  /** The address of whoever connected. */
  @Rule(
      cel = "!has(self.remoteAddress) || self.remoteAddress",
      message = AddressKey.MESSAGE,
      field = "remoteAddress")
  public record AddressKey(@Field("`true`: the caller's address.") boolean remoteAddress)
      implements KeyPart {
    static final String MESSAGE = "remoteAddress is true, or left out";

    public AddressKey {
      if (!remoteAddress) {
        throw new IllegalArgumentException(MESSAGE);
      }
    }
  }
}
