package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.filter.http.extauthz.Decision.Change;
import dev.weir.sidecar.filter.http.extauthz.Decision.How;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Field;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Service;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.route.StringMatcher;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What answers of an authorization server by HTTP say. Any thread. */
final class HttpAnswers {
  private static final int OK = 200;
  private static final int SERVER_ERROR = 500;

  /** Names, by comma, of fields that the app is not to see. */
  private static final String REMOVED = "x-envoy-auth-headers-to-remove";

  /** Told the client beside those that are chosen, as in Envoy. */
  private static final Set<String> ALWAYS_TO_CLIENT = Set.of("www-authenticate", "location");

  private final StringMatcher[] upstream;
  private final StringMatcher[] appended;
  private final StringMatcher[] client;
  private final StringMatcher[] metadata;
  private final StringMatcher @Nullable [] toClient;

  HttpAnswers(Service.Http service) {
    ExtAuthzConfig.OnSuccess onSuccess = service.onSuccess();
    this.upstream = FieldChoice.compile(onSuccess.upstream());
    this.appended = FieldChoice.compile(onSuccess.upstreamAppended());
    this.client = FieldChoice.compile(onSuccess.client());
    this.metadata = FieldChoice.compile(onSuccess.metadata());
    this.toClient = service.toClient().map(FieldChoice::compile).orElse(null);
  }

  Decision decision(Headers answer, byte[] body) {
    // A sidecar on the way says that it, and not the server, has answered.
    String cause = answer.value(HeaderName.X_WEIR_CAUSE);
    if (cause != null || answer.status() >= SERVER_ERROR) {
      return new Decision.Failed(
          false, "HTTP status " + answer.status() + (cause == null ? "" : ", " + cause));
    }
    return answer.status() == OK ? allowed(answer) : denied(answer, body);
  }

  private Decision allowed(Headers answer) {
    List<Change> request = new ArrayList<>();
    List<Change> response = new ArrayList<>();
    Map<String, Object> found = new HashMap<>();
    for (int i = 0; i < answer.size(); i++) {
      String name = name(answer, i);
      if (name == null) {
        continue;
      }
      String value = answer.value(i);
      if (FieldChoice.any(upstream, name)) {
        request.add(new Change(How.SET, name, value));
      }
      if (FieldChoice.any(appended, name)) {
        request.add(new Change(How.APPEND, name, value));
      }
      if (FieldChoice.any(client, name)) {
        response.add(new Change(How.ADD, name, value));
      }
      if (FieldChoice.any(metadata, name)) {
        found.put(name, value);
      }
    }
    return new Decision.Allowed(request, removed(answer), response, List.of(), List.of(), found);
  }

  private static List<String> removed(Headers answer) {
    String names = answer.value(REMOVED);
    if (names == null) {
      return List.of();
    }
    List<String> removed = new ArrayList<>();
    for (String name : names.split(",")) {
      removed.add(name.strip().toLowerCase(Locale.ROOT));
    }
    return removed;
  }

  private Decision denied(Headers answer, byte[] body) {
    List<Field> fields = new ArrayList<>();
    Map<String, Object> found = new HashMap<>();
    for (int i = 0; i < answer.size(); i++) {
      String name = name(answer, i);
      if (name == null) {
        continue;
      }
      if (toClient == null || FieldChoice.any(toClient, name) || ALWAYS_TO_CLIENT.contains(name)) {
        fields.add(new Field(name, answer.value(i)));
      }
      if (FieldChoice.any(metadata, name)) {
        found.put(name, answer.value(i));
      }
    }
    return new Decision.Denied(
        answer.status(), fields, new String(body, StandardCharsets.UTF_8), found);
  }

  /** Null for what says nothing of the request. */
  private static @Nullable String name(Headers answer, int field) {
    if (!answer.isField(field)) {
      return null;
    }
    String name = answer.name(field).toLowerCase(Locale.ROOT);
    return Framing.is(name) || name.equals(REMOVED) ? null : name;
  }
}
