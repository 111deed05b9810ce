package dev.weir.sidecar.route;

import dev.weir.sidecar.config.route.HeaderMatch;
import dev.weir.sidecar.config.route.RetryPolicy;
import dev.weir.sidecar.config.route.RetryPolicy.Condition;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The retry policy that a request's own headers ask for; Envoy's retry_state_impl.cc. */
final class RetryHeaders {
  /** What holds for a request without a policy of its route: one retry, 25 to 250 ms before it. */
  private static final RetryPolicy NONE =
      new RetryPolicy(
          Set.of(),
          Set.of(),
          1,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ofMillis(25),
          Duration.ofMillis(250),
          false,
          List.of(),
          List.of());

  private static final List<HeaderName> NAMES =
      List.of(
          HeaderName.X_ENVOY_RETRY_ON,
          HeaderName.X_ENVOY_RETRY_GRPC_ON,
          HeaderName.X_ENVOY_MAX_RETRIES,
          HeaderName.X_ENVOY_RETRIABLE_STATUS_CODES,
          HeaderName.X_ENVOY_RETRIABLE_HEADER_NAMES);

  private RetryHeaders() {}

  /** Takes the headers out; the route's policy where they ask for nothing. */
  static Optional<CompiledRetry> take(Optional<CompiledRetry> ofRoute, Headers headers) {
    boolean asked = false;
    for (int i = 0; i < NAMES.size(); i++) {
      asked |= headers.has(NAMES.get(i));
    }
    if (!asked) {
      return ofRoute;
    }
    RetryPolicy base = ofRoute.map(CompiledRetry::policy).orElse(NONE);
    // A route that limits its retries to some requests limits those that they ask for too.
    boolean fits = ofRoute.isEmpty() || ofRoute.get().appliesTo(headers);
    Set<Condition> on = EnumSet.noneOf(Condition.class);
    if (fits) {
      on.addAll(base.on());
    }
    for (HeaderName name : List.of(HeaderName.X_ENVOY_RETRY_ON, HeaderName.X_ENVOY_RETRY_GRPC_ON)) {
      for (String word : words(headers, name)) {
        Condition.of(word).filter(condition -> fits).ifPresent(on::add);
      }
    }
    Set<Integer> codes = new HashSet<>(base.statusCodes());
    for (String code : words(headers, HeaderName.X_ENVOY_RETRIABLE_STATUS_CODES)) {
      Integer status = number(code);
      if (status != null) {
        codes.add(status);
      }
    }
    List<HeaderMatch> responses = new ArrayList<>(base.responseHeaders());
    for (String name : words(headers, HeaderName.X_ENVOY_RETRIABLE_HEADER_NAMES)) {
      responses.add(
          new HeaderMatch(
              name.toLowerCase(Locale.ROOT), new HeaderMatch.Test.Present(true), false, false));
    }
    String most = headers.value(HeaderName.X_ENVOY_MAX_RETRIES);
    Integer retries = most == null ? null : number(most.strip());
    NAMES.forEach(headers::remove);
    if (on.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new CompiledRetry(
            new RetryPolicy(
                on,
                codes,
                retries == null ? base.retries() : retries,
                base.perTry(),
                base.perTryIdle(),
                base.backOffBase(),
                base.backOffMax(),
                base.avoidPreviousHosts(),
                List.of(), // judged above
                responses)));
  }

  private static List<String> words(Headers headers, HeaderName name) {
    String value = headers.value(name.toString());
    List<String> words = new ArrayList<>();
    if (value != null) {
      for (String word : value.split(",", -1)) {
        if (!word.isBlank()) {
          words.add(word.strip());
        }
      }
    }
    return words;
  }

  /** Null for what is no number: as Envoy, it is then not there. */
  private static @Nullable Integer number(String text) {
    try {
      int number = Integer.parseInt(text);
      return number < 0 ? null : number;
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
