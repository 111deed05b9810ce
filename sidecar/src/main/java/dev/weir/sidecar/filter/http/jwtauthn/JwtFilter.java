package dev.weir.sidecar.filter.http.jwtauthn;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.format.Json;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.DynamicMetadata;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.PolicyDecision.Outcome;
import dev.weir.sidecar.stats.StatSlab;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lets through requests whose tokens are as they must be. */
final class JwtFilter implements HttpFilter {
  /** The filter's name in dynamic metadata. */
  private static final String METADATA = "envoy.filters.http.jwt_authn";

  private static final int UNAUTHORIZED = 401;
  private static final int UNAVAILABLE = 503;

  private final FilterContext context;
  private final JwtFactory factory;
  private final JwtConfig.@Nullable Requirement ofRoute;
  private @Nullable Evaluation evaluation;
  private JwtConfig.@Nullable Requirement requirement;
  private @Nullable Headers request;

  /**
   * @param ofRoute null: the rules say
   */
  JwtFilter(FilterContext context, JwtFactory factory, JwtConfig.@Nullable Requirement ofRoute) {
    this.context = context;
    this.factory = factory;
    this.ofRoute = ofRoute;
  }

  private StatSlab slab() {
    return factory.stats().slab(context.loop().index());
  }

  @Override
  public Verdict requestHeaders(Headers headers, boolean endStream) {
    takeOut(headers);
    if (factory.config().bypassCorsPreflight() && isPreflight(headers)) {
      slab().inc(factory.stats().preflights);
      return Verdict.CONTINUE;
    }
    JwtConfig.Requirement wanted = ofRoute == null ? ofRules(headers) : ofRoute;
    if (wanted == null) {
      slab().inc(factory.stats().allowed);
      return Verdict.CONTINUE;
    }
    Evaluation begun = new Evaluation(factory, headers, context.loop(), this::lookAgain);
    evaluation = begun;
    requirement = wanted;
    request = headers;
    Failure failure = begun.failure(wanted);
    if (begun.pending()) {
      return new Verdict.Pause();
    }
    Verdict.LocalReply refusal = decided(begun, failure, headers);
    return refusal == null ? Verdict.CONTINUE : refusal;
  }

  /** What only we may say. */
  private void takeOut(Headers headers) {
    for (LiveProvider provider : factory.providers().values()) {
      provider.config().claimHeaders().keySet().forEach(headers::removeAlike);
      if (!provider.config().payloadHeader().isEmpty()) {
        headers.removeAlike(provider.config().payloadHeader());
      }
    }
  }

  private static boolean isPreflight(Headers headers) {
    return headers.methodIs("OPTIONS")
        && headers.first("origin") != null
        && headers.first("access-control-request-method") != null;
  }

  private JwtConfig.@Nullable Requirement ofRules(Headers headers) {
    for (JwtFactory.Rule rule : factory.rules()) {
      if (rule.match().matches(headers)) {
        return rule.requirement();
      }
    }
    return null;
  }

  private void lookAgain() {
    Evaluation begun = evaluation;
    Headers headers = request;
    JwtConfig.Requirement wanted = requirement;
    if (begun == null || headers == null || wanted == null) {
      return;
    }
    Failure failure = begun.failure(wanted);
    if (begun.pending()) {
      return;
    }
    Verdict.LocalReply refusal = decided(begun, failure, headers);
    if (refusal == null) {
      context.resumeRequest();
    } else {
      context.localReply(refusal);
    }
  }

  private Verdict.@Nullable LocalReply decided(
      Evaluation done, @Nullable Failure failure, Headers headers) {
    evaluation = null;
    context
        .info()
        .decided(
            "token",
            "",
            "",
            failure == null ? Outcome.ADMITTED : Outcome.REFUSED,
            -1,
            -1,
            failure == null ? "" : failure.reason());
    slab().inc(failure == null ? factory.stats().allowed : factory.stats().denied);
    if (failure == null) {
      done.good().forEach(good -> note(good, headers));
      return null;
    }
    return refusal(failure, headers);
  }

  /** What the token says goes where it is to go. */
  private void note(Evaluation.Good good, Headers headers) {
    JwtConfig.Provider config = good.provider().config();
    Token token = good.token();
    if (!config.forward()) {
      good.places().clear(headers);
    }
    if (!config.payloadHeader().isEmpty()) {
      String payload = token.payload();
      int missing = (4 - payload.length() % 4) % 4;
      headers.set(
          config.payloadHeader(),
          config.padPayloadHeader() ? payload + "=".repeat(missing) : payload);
    }
    config
        .claimHeaders()
        .forEach((header, claim) -> {
          String text = text(find(token.claims(), claim));
          if (text != null) {
            headers.set(header, text);
          }
        });
    if (!config.payloadInMetadata().isEmpty()) {
      put(config.payloadInMetadata(), token.claims());
    }
    if (!config.headerInMetadata().isEmpty()) {
      put(config.headerInMetadata(), token.header());
    }
  }

  private void put(String key, Map<String, Object> value) {
    context.info().metadata().put(METADATA, key, withNulls(value));
  }

  private static Map<String, Object> withNulls(Map<String, Object> value) {
    Map<String, Object> all = new HashMap<>();
    value.forEach((key, each) -> all.put(key, each == null ? DynamicMetadata.NULL : each));
    return all;
  }

  private static @Nullable Object find(Map<String, Object> claims, String path) {
    Object whole = claims.get(path);
    if (whole != null) {
      return whole;
    }
    Object value = claims;
    for (String step : path.split("[.]")) {
      value = value instanceof Map<?, ?> map ? map.get(step) : null;
    }
    return value;
  }

  /** As Envoy: plain values as they are, others as JSON in base64. */
  private static @Nullable String text(@Nullable Object claim) {
    return switch (claim) {
      case null -> null;
      case String text -> isClean(text) ? text : null;
      case Number number -> number.toString();
      case Boolean flag -> flag.toString();
      case Map<?, ?> map -> encoded(Json.write(map));
      case List<?> list -> encoded(Json.write(list));
      default -> null;
    };
  }

  /** What a header can carry, whole: a claim is its issuer's, and may have been its subject's. */
  private static boolean isClean(String text) {
    return text.chars().allMatch(c -> c >= 0x20 && c != 0x7f && c < 0x100)
        && text.equals(text.strip());
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private Verdict.LocalReply refusal(Failure failure, Headers headers) {
    if (failure.kind() == Failure.Kind.NO_KEYS) {
      return Verdict.LocalReply.of(
          UNAVAILABLE, failure.reason(), "jwt_authn_access_denied", Cause.of("token-keys-missing"));
    }
    boolean missing = failure.kind() == Failure.Kind.MISSING;
    Headers answer = Headers.empty();
    String realm = headers.scheme() + "://" + headers.authority() + pathOf(headers);
    answer.set(
        "www-authenticate",
        "Bearer realm=\""
            + realm.replace("\"", "")
            + "\""
            + (missing ? "" : ", error=\"invalid_token\""));
    boolean silent = factory.config().stripFailureResponse();
    return new Verdict.LocalReply(
        UNAUTHORIZED,
        silent ? "" : failure.reason(),
        "jwt_authn_access_denied{" + failure.reason().replace(' ', '_') + "}",
        null,
        cause(failure),
        silent ? null : answer);
  }

  private static String pathOf(Headers headers) {
    String path = headers.path();
    int question = path.indexOf('?');
    return question < 0 ? path : path.substring(0, question);
  }

  private static Cause cause(Failure failure) {
    return switch (failure.kind()) {
      case MISSING -> Cause.of("unauthenticated");
      case EXPIRED -> Cause.of("token-expired");
      case INVALID, UNKNOWN_ISSUER, NO_KEYS -> Cause.of("token-invalid").because(failure.reason());
    };
  }

  @Override
  public void destroy() {
    Evaluation begun = evaluation;
    if (begun != null) {
      evaluation = null;
      begun.end();
    }
  }
}
