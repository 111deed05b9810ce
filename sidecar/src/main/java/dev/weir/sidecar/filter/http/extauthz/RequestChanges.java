package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.filter.http.extauthz.Decision.Change;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Field;
import dev.weir.sidecar.http.Ascii;
import dev.weir.sidecar.http.Headers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an authorization server changes of a request and its response. What would make another
 * request of it than the one that was decided on is no change: its path, its host, its framing.
 */
final class RequestChanges {
  private RequestChanges() {}

  /** Why {@code allowed} cannot be followed; null: it can. */
  static @Nullable String problem(Decision.Allowed allowed) {
    for (Change change : allowed.request()) {
      String name = change.name();
      if (name.startsWith(":") || name.equals("host") || Framing.is(name)) {
        return "may not change " + name;
      }
      if (!isField(name, change.value())) {
        return "a header that is none: " + name;
      }
    }
    for (Change change : allowed.response()) {
      if (!change.name().startsWith(":") && !isField(change.name(), change.value())) {
        return "a header that is none: " + change.name();
      }
    }
    for (Field parameter : allowed.querySet()) {
      if (!QueryChanges.isPart(parameter.name(), false)
          || !QueryChanges.isPart(parameter.value(), true)) {
        return "a query parameter that is none: " + parameter.name();
      }
    }
    return null;
  }

  static boolean isField(String name, String value) {
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) > 0x7f || !Ascii.isToken((byte) name.charAt(i))) {
        return false;
      }
    }
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) > 0xff || !Ascii.isValue((byte) value.charAt(i))) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  /** Changes the request; {@code allowed} has no {@link #problem}. */
  static void apply(Decision.Allowed allowed, Headers request) {
    for (Change change : allowed.request()) {
      apply(change, request);
    }
    for (String name : allowed.removed()) {
      // As Envoy: what would make it no request any more is passed over.
      if (!name.startsWith(":") && !name.equals("host") && !Framing.is(name)) {
        request.remove(name);
      }
    }
    if (!allowed.querySet().isEmpty() || !allowed.queryRemoved().isEmpty()) {
      QueryChanges.apply(allowed.querySet(), allowed.queryRemoved(), request);
    }
  }

  /** Changes the head of a response; its framing is its own. */
  static void applyToResponse(List<Change> changes, Headers response) {
    for (Change change : changes) {
      if (!change.name().startsWith(":") && !Framing.is(change.name())) {
        apply(change, response);
      }
    }
  }

  private static void apply(Change change, Headers headers) {
    String name = change.name();
    switch (change.how()) {
      case SET -> headers.set(name, change.value());
      case SET_IF_PRESENT -> {
        if (headers.first(name) != null) {
          headers.set(name, change.value());
        }
      }
      case ADD -> headers.add(name, change.value());
      case ADD_IF_ABSENT -> {
        if (headers.first(name) == null) {
          headers.add(name, change.value());
        }
      }
      case APPEND -> {
        String before = headers.value(name);
        if (before != null) {
          headers.set(name, before + "," + change.value());
        }
      }
    }
  }
}
