package dev.weir.control.source.resource;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
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
    @Field(
            value = "The name.",
            min = "1",
            pattern = ObjectName.PATTERN,
            otherwise = ObjectName.OTHERWISE)
        String name,
    @Field(
            value = "The namespace.",
            defaultsTo = "default",
            min = "1",
            max = "63",
            pattern = ObjectName.LABEL_PATTERN,
            otherwise = ObjectName.OTHERWISE)
        String namespace,
    @Field(value = "Labels.", max = "1000") Map<String, String> labels,
    @Field(value = "Annotations.", max = "1000") Map<String, String> annotations,
    @Field("When Kubernetes got it.") @Nullable String creationTimestamp) {
  private static final String VALUE =
      "up to 63 letters, digits, -, _ and ., the first and the last a letter or digit";
  private static final String KEY = VALUE + "; with a name of DNS and a / before it, or without";
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
  private static final Pattern PREFIX = Pattern.compile(ObjectName.PATTERN);
  private static final int LONGEST_PREFIX = 253;

  Metadata {
    created(creationTimestamp);
    labels
        .keySet()
        .forEach(key -> refuseUnless(isKey(key), "the key of the label \"" + key + "\"", KEY));
    labels.forEach((key, value) ->
        refuseUnless(
            value.isEmpty() || NAME.matcher(value).matches(),
            "the value of the label \"" + key + "\"",
            VALUE));
    annotations
        .keySet()
        .forEach(key ->
            refuseUnless(
                isKey(key.toLowerCase(Locale.ROOT)),
                "the key of the annotation \"" + key + "\"",
                KEY));
  }

  private static void refuseUnless(boolean right, String what, String form) {
    if (!right) {
      throw new IllegalArgumentException(what + " is none to Kubernetes: " + form);
    }
  }

  /** A name, or one behind a name of DNS: {@code example.com/team}. */
  private static boolean isKey(String text) {
    int slash = text.indexOf('/');
    return NAME.matcher(text.substring(slash + 1)).matches()
        && (slash < 0
            || slash <= LONGEST_PREFIX && PREFIX.matcher(text.substring(0, slash)).matches());
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
