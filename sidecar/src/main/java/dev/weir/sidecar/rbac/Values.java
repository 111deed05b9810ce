package dev.weir.sidecar.rbac;

import dev.weir.sidecar.config.rbac.ValueMatch;
import dev.weir.sidecar.config.route.StringMatch;
import dev.weir.sidecar.http.DynamicMetadata;
import dev.weir.sidecar.route.StringMatcher;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Compiles {@link ValueMatch}es, of values as {@link DynamicMetadata} has them. */
public final class Values {
  private Values() {}

  /** What it makes is asked with null for a value that is not there. */
  public static Predicate<@Nullable Object> compile(ValueMatch match) {
    return switch (match) {
      case ValueMatch.Null() -> value -> value == DynamicMetadata.NULL;
      case ValueMatch.Range(double start, double end) ->
          value ->
              value instanceof Number number
                  && (start == end
                      ? number.doubleValue() == start
                      : number.doubleValue() >= start && number.doubleValue() < end);
      case ValueMatch.Text(StringMatch text) -> {
        StringMatcher matcher = new StringMatcher(text);
        yield value -> value instanceof String actual && matcher.matches(actual);
      }
      case ValueMatch.Flag(boolean wanted) ->
          value -> value instanceof Boolean actual && actual == wanted;
      case ValueMatch.Present(boolean present) -> value -> (value != null) == present;
      case ValueMatch.OneOf(ValueMatch item) -> {
        Predicate<@Nullable Object> matcher = compile(item);
        yield value -> value instanceof List<?> items && items.stream().anyMatch(matcher);
      }
      case ValueMatch.Or(List<ValueMatch> any) -> {
        List<Predicate<@Nullable Object>> matchers = any.stream().map(Values::compile).toList();
        yield value -> matchers.stream().anyMatch(matcher -> matcher.test(value));
      }
    };
  }
}
