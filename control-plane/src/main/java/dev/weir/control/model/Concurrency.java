package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Word;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The most requests that one instance works on at a time, on one port; enforced by its own sidecar,
 * so that it holds against any caller. A caller whose request is refused tries another instance.
 */
public record Concurrency(
    @Field(
            value = "So many at a time; each from its head to the end of its response.",
            min = "1",
            max = "1000000")
        int maxRequests,
    @Field("Who may wait for a slot. Unset: nobody, a request too many is refused at once.")
        @Nullable Queue queue,
    @Field(
            value =
                "Requests that any of these matches take no slot and need none, as health checks.",
            max = "16")
        List<HttpMatch> exclude) {
  public Concurrency {
    exclude = List.copyOf(exclude);
  }

  /** Where requests wait. */
  public record Queue(
      @Field(value = "The most that wait.", min = "1", max = "100000") int length,
      @Field(value = "The longest that one waits.", min = "1ms", max = "60s") @Word("wait")
          Duration longest,
      @Field(
              value =
                  "Who is next: `Fifo`, who has waited longest; `Lifo`, who came last, which under a"
                      + " lasting overload are those it still helps.",
              defaultsTo = "Fifo")
          Order order) {}

  /** Who is next. */
  public enum Order {
    FIFO,
    LIFO
  }
}
