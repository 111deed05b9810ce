package dev.weir.sidecar.config.rbac;

import dev.weir.sidecar.config.route.StringMatch;
import java.util.List;

/** {@code type.matcher.v3.ValueMatcher}. */
public sealed interface ValueMatch {
  record Null() implements ValueMatch {}

  /**
   * @param end not included, unless it is {@code start}
   */
  record Range(double start, double end) implements ValueMatch {}

  record Text(StringMatch match) implements ValueMatch {}

  record Flag(boolean value) implements ValueMatch {}

  record Present(boolean present) implements ValueMatch {}

  /** Of a list one item. */
  record OneOf(ValueMatch item) implements ValueMatch {}

  record Or(List<ValueMatch> any) implements ValueMatch {
    public Or {
      any = List.copyOf(any);
    }
  }
}
