package dev.weir.control.report;

import dev.weir.control.json.JsonText;
import dev.weir.protos.yaml.Json;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes the values of headers out of a page: those of requests, those that a configuration adds to
 * them, and those that it compares them with. Their names stay.
 */
final class HeaderValues {
  private static final String GONE = "[redacted]";

  /** Of {@code HeaderValue}. */
  private static final Set<String> VALUES = Set.of("value", "raw_value");

  /** Of {@code HeaderMatcher} and {@code QueryParameterMatcher}, beside a name. */
  private static final Set<String> MATCHES =
      Set.of(
          "string_match",
          "exact_match",
          "safe_regex_match",
          "prefix_match",
          "suffix_match",
          "contains_match");

  /** Of requests, as {@code /requests} tells them. */
  private static final String FIELDS = "fields";

  private HeaderValues() {}

  /**
   * {@code page} without them.
   *
   * @throws IOException it is no JSON
   */
  static String without(String page) throws IOException {
    return Json.print(told(JsonText.read(page)));
  }

  private static @Nullable Object told(@Nullable Object value) {
    return switch (value) {
      case List<?> items -> items.stream().map(HeaderValues::told).toList();
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> told = new LinkedHashMap<>();
        map.forEach((key, each) -> {
          String name = String.valueOf(key);
          boolean secret =
              VALUES.contains(name) && map.containsKey("key")
                  || MATCHES.contains(name) && map.containsKey("name")
                  || name.equals(FIELDS);
          told.put(name, secret ? gone(each) : told(each));
        });
        yield told;
      }
      case null, default -> value;
    };
  }

  /** The shape stays, so that the page is read as before. */
  private static @Nullable Object gone(@Nullable Object value) {
    return switch (value) {
      case List<?> items -> items.stream().map(HeaderValues::gone).toList();
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> told = new LinkedHashMap<>();
        map.forEach((key, each) -> told.put(String.valueOf(key), gone(each)));
        yield told;
      }
      case String _ -> GONE;
      case null, default -> value;
    };
  }
}
