package dev.weir.sidecar.telemetry.recent;

import dev.weir.sidecar.telemetry.recent.RecentRequest.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which requests are wanted, by the parameters of a page: {@code id} (a request's or a trace's),
 * {@code kind}, {@code direction}, {@code method}, {@code path} (what it begins with), {@code
 * status} ({@code 503}, {@code 5xx}), {@code cluster}, {@code cause}. All that are given hold.
 */
final class RequestFilter {
  private static final Set<String> KNOWN =
      new TreeSet<>(
          List.of("id", "kind", "direction", "method", "path", "status", "cluster", "cause"));

  private static final Pattern STATUS = Pattern.compile("[1-5](\\d\\d|xx)");

  private RequestFilter() {}

  /**
   * @param parameters those of others are left alone, if they are in {@code others}
   * @throws IllegalArgumentException with what is wrong, and what there is
   */
  static Predicate<RecentRequest> of(Map<String, String> parameters, Set<String> others) {
    Predicate<RecentRequest> wanted = any -> true;
    for (Map.Entry<String, String> each : parameters.entrySet()) {
      String value = each.getValue();
      if (others.contains(each.getKey())) {
        continue;
      }
      wanted =
          wanted.and(
              switch (each.getKey()) {
                case "id" -> request -> request.is(value);
                case "kind" -> kind(value);
                case "direction" -> direction(value);
                case "method" -> request -> request.method().equals(value);
                case "path" -> request -> request.path().startsWith(value);
                case "status" -> status(value);
                case "cluster" -> request -> value.equals(request.cluster());
                case "cause" ->
                    request -> request.cause() != null && request.cause().token().equals(value);
                default ->
                    throw new IllegalArgumentException(
                        "there is no parameter " + each.getKey() + "; these are: " + KNOWN);
              });
    }
    return wanted;
  }

  private static Predicate<RecentRequest> kind(String value) {
    for (Kind kind : Kind.values()) {
      if (kind.name().equalsIgnoreCase(value)) {
        return request -> request.kind() == kind;
      }
    }
    throw new IllegalArgumentException(
        "kind: \""
            + value
            + "\" is none of "
            + Arrays.toString(Kind.values()).toLowerCase(Locale.ROOT));
  }

  private static Predicate<RecentRequest> direction(String value) {
    if (!value.equals("inbound") && !value.equals("outbound")) {
      throw new IllegalArgumentException(
          "direction: \"" + value + "\" is neither inbound nor outbound");
    }
    return request -> request.direction().name().equalsIgnoreCase(value);
  }

  private static Predicate<RecentRequest> status(String value) {
    if (!STATUS.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "status: \"" + value + "\" is neither a status as 503 nor a class as 5xx");
    }
    return value.endsWith("xx")
        ? request -> request.status() / 100 == value.charAt(0) - '0'
        : request -> request.status() == Integer.parseInt(value);
  }
}
