package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Rule;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** HTTPRoute's words. Zero is no limit. */
@Rule(
    cel =
        "!has(self.request) || !has(self.backendRequest) || duration(self.request) =="
            + " duration('0s') || duration(self.backendRequest) <= duration(self.request)",
    message = Timeouts.MESSAGE)
public record Timeouts(
    @Field(
            value =
                "From the end of the request to the end of the response, all tries together; of an"
                    + " upgraded connection, to the start of the response.",
            max = "24h")
        @Nullable Duration request,
    @Field(value = "The same for one try.", max = "24h") @Nullable Duration backendRequest,
    @Field(value = "Without a byte in either direction.", max = "24h") @Nullable Duration idle) {
  static final String MESSAGE = "backendRequest is longer than request";

  public Timeouts {
    if (request != null
        && backendRequest != null
        && !request.isZero()
        && backendRequest.compareTo(request) > 0) {
      throw new IllegalArgumentException(MESSAGE);
    }
  }
}
