package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Field;
import dev.weir.sidecar.http.Headers;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Query parameters that an authorization server sets and removes, in whatever spelling. */
final class QueryChanges {
  private QueryChanges() {}

  /** Whether {@code text} can stand in a query as it is, and be a part of one parameter alone. */
  static boolean isPart(String text, boolean value) {
    return text.chars()
        .allMatch(c -> c > 0x20 && c < 0x7f && c != '&' && c != '#' && (value || c != '='));
  }

  /** What is set takes the place of all of its name, at the end. */
  static void apply(List<Field> set, List<String> removed, Headers request) {
    String path = request.path();
    int question = path.indexOf('?');
    String before = question < 0 ? path : path.substring(0, question);
    List<String> parameters = new ArrayList<>();
    if (question >= 0 && question + 1 < path.length()) {
      for (String parameter : path.substring(question + 1).split("&", -1)) {
        if (keeps(parameter, set, removed)) {
          parameters.add(parameter);
        }
      }
    }
    for (int i = 0; i < set.size(); i++) {
      if (isLast(set, i)) {
        parameters.add(set.get(i).name() + "=" + set.get(i).value());
      }
    }
    request.path(parameters.isEmpty() ? before : before + "?" + String.join("&", parameters));
  }

  private static boolean keeps(String parameter, List<Field> set, List<String> removed) {
    int equals = parameter.indexOf('=');
    String name = equals < 0 ? parameter : parameter.substring(0, equals);
    String decoded = decoded(name);
    return !removed.contains(name)
        && !removed.contains(decoded)
        && set.stream().noneMatch(each -> each.name().equals(name) || each.name().equals(decoded));
  }

  private static boolean isLast(List<Field> set, int index) {
    return set.subList(index + 1, set.size()).stream()
        .noneMatch(later -> later.name().equals(set.get(index).name()));
  }

  private static String decoded(String name) {
    try {
      return URLDecoder.decode(name, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return name;
    }
  }
}
