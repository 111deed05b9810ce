package dev.weir.control.source.resource;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code metadata}, as far as a mesh reads it. */
@Ignored({
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "finalizers",
  "generateName",
  "generation",
  "managedFields",
  "ownerReferences",
  "resourceVersion",
  "selfLink",
  "uid"
})
record Metadata(
    @Field(value = "The name.", min = "1", pattern = Names.PATTERN) String name,
    @Field(
            value = "The namespace.",
            defaultsTo = "default",
            min = "1",
            max = "63",
            pattern = Names.PATTERN)
        String namespace,
    @Field(value = "Labels.", max = "1000") Map<String, String> labels,
    @Field(value = "Annotations.", max = "1000") Map<String, String> annotations,
    @Field("When Kubernetes got it.") @Nullable String creationTimestamp) {
  Metadata {
    created(creationTimestamp);
  }

  Optional<Instant> created() {
    return created(creationTimestamp);
  }

  private static Optional<Instant> created(@Nullable String text) {
    if (text == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "creationTimestamp \"" + text + "\" is no time like 2026-11-28T14:02:11Z", e);
    }
  }
}
