package dev.weir.sidecar.telemetry.recent;

import dev.weir.sidecar.http.Headers;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is told of a head: the names of all fields, and no value that may be a secret, by its name
 * or because people said so. Values of a query are never told. It is by what is in force when it is
 * told, also of a request before.
 */
final class Redaction {
  static final String REDACTED = "[redacted]";

  /** In a name, that its value is likely to be one. */
  private static final List<String> HINTS =
      List.of(
          "auth",
          "token",
          "secret",
          "password",
          "passwd",
          "api-key",
          "apikey",
          "session",
          "credential",
          "cookie",
          "jwt");

  /** Further names, in lower case, whatever their values. */
  private volatile Set<String> names = Set.of();

  /** From now on these names, and no others of them before. Any thread. */
  void names(Set<String> further) {
    names = Set.copyOf(further);
  }

  /** The fields of {@code head}, those of a name joined. Any thread. */
  Map<String, Object> fields(Headers head) {
    Map<String, Object> fields = new TreeMap<>();
    for (int i = 0; i < head.size(); i++) {
      if (head.isField(i)) {
        String name = head.name(i).toLowerCase(Locale.ROOT);
        String value = isSecret(name) ? REDACTED : target(head.value(i));
        fields.merge(name, value, (one, other) -> one.equals(REDACTED) ? one : one + ", " + other);
      }
    }
    return fields;
  }

  private boolean isSecret(String name) {
    return names.contains(name) || HINTS.stream().anyMatch(name::contains);
  }

  /**
   * {@code target}, or what has one in it as Referer does, with the names of its query's parameters
   * alone.
   */
  static String target(String target) {
    int question = target.indexOf('?');
    if (question < 0) {
      return target;
    }
    StringBuilder told = new StringBuilder(target.substring(0, question + 1));
    String[] parameters = target.substring(question + 1).split("&", -1);
    for (int i = 0; i < parameters.length; i++) {
      int equals = parameters[i].indexOf('=');
      told.append(i == 0 ? "" : "&");
      // Without a name it is all value.
      told.append(equals < 0 ? REDACTED : parameters[i].substring(0, equals + 1) + REDACTED);
    }
    return told.toString();
  }
}
