package dev.weir.sidecar.rbac;

import dev.weir.sidecar.config.rbac.Condition;
import dev.weir.sidecar.http.DynamicMetadata;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Compiled {@link Condition.Metadata}. Immutable; any thread. */
public final class MetadataCondition {
  private final Condition.Metadata config;
  private final Predicate<@Nullable Object> matches;

  public MetadataCondition(Condition.Metadata config) {
    this.config = config;
    this.matches = Values.compile(config.value());
  }

  /**
   * @param metadata null for none
   */
  public boolean holds(@Nullable DynamicMetadata metadata) {
    return matches.test(value(metadata)) != config.invert();
  }

  /** What it looks at; null: it is not there. */
  public @Nullable Object value(@Nullable DynamicMetadata metadata) {
    return metadata == null ? null : metadata.find(config.filter(), config.path());
  }
}
