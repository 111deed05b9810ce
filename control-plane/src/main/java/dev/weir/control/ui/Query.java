package dev.weir.control.ui;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request.
 *
 * @param raw as they came, without the question mark; empty: none
 */
public record Query(String raw, Map<String, String> parameters) {
  public Query {
    parameters = Map.copyOf(parameters);
  }

  /** What a request cannot be answered for; its message says why, to who asked. */
  public static final class Wrong extends Exception {
    public Wrong(String message) {
      super(message);
    }
  }

  static Query of(@Nullable String raw) throws Wrong {
    Map<String, String> parameters = new HashMap<>();
    for (String each : raw == null || raw.isEmpty() ? new String[0] : raw.split("&", -1)) {
      int equals = each.indexOf('=');
      parameters.put(
          decoded(equals < 0 ? each : each.substring(0, equals)),
          equals < 0 ? "" : decoded(each.substring(equals + 1)));
    }
    return new Query(raw == null ? "" : raw, parameters);
  }

  private static String decoded(String text) throws Wrong {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new Wrong("the query is not encoded as it must be");
    }
  }

  /** Empty if it is not there, or says nothing. */
  public Optional<String> text(String name) {
    return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
  }

  public String required(String name) throws Wrong {
    return text(name).orElseThrow(() -> new Wrong(name + " is missing"));
  }

  /** Empty if it is not there. */
  public OptionalInt whole(String name, int least, int most) throws Wrong {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    if (text.get().matches("[0-9]{1,9}")) {
      int value = Integer.parseInt(text.get());
      if (value >= least && value <= most) {
        return OptionalInt.of(value);
      }
    }
    throw new Wrong(name + " is not a number from " + least + " to " + most);
  }
}
