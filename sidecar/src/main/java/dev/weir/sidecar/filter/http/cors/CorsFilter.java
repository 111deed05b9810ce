package dev.weir.sidecar.filter.http.cors;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Answers preflights, and says in answers to an allowed origin that it may read them. A preflight
 * of another origin that does not go to the app is answered without a word of CORS, where Envoy
 * still names methods and headers: a browser refuses both.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/http/http_filters/cors_filter
 */
final class CorsFilter implements HttpFilter {
  private static final String ALLOW_ORIGIN = "access-control-allow-origin";
  private static final String ALLOW_CREDENTIALS = "access-control-allow-credentials";
  private static final String ALLOW_METHODS = "access-control-allow-methods";
  private static final String ALLOW_HEADERS = "access-control-allow-headers";
  private static final String ALLOW_PRIVATE_NETWORK = "access-control-allow-private-network";
  private static final String EXPOSE_HEADERS = "access-control-expose-headers";
  private static final String MAX_AGE = "access-control-max-age";

  private final FilterContext context;
  private final CorsPolicy policy;
  private final CorsStats stats;
  private @Nullable String allowed;

  CorsFilter(FilterContext context, CorsPolicy policy, CorsStats stats) {
    this.context = context;
    this.policy = policy;
    this.stats = stats;
  }

  @Override
  public Verdict requestHeaders(Headers headers, boolean endStream) {
    String origin = headers.first("origin");
    if (origin == null || origin.isEmpty()) {
      return Verdict.CONTINUE;
    }
    boolean enabled = policy.enabled(context.loop());
    if (!enabled && !policy.shadow(context.loop())) {
      return Verdict.CONTINUE;
    }
    boolean allows = policy.allows(origin);
    stats.slab(context.loop().index()).inc(allows ? stats.valid : stats.invalid);
    if (!enabled) {
      return Verdict.CONTINUE;
    }
    if (allows) {
      allowed = origin;
    }
    String method = headers.first("access-control-request-method");
    if (!headers.methodIs("OPTIONS") || method == null || method.isEmpty()) {
      return Verdict.CONTINUE;
    }
    if (!allows && policy.config().forwardOthers()) {
      return Verdict.CONTINUE;
    }
    Headers answer = Headers.empty();
    if (allows) {
      allow(answer, headers, method);
    }
    return new Verdict.LocalReply(200, "", "cors_response", null, null, answer);
  }

  /** What the answer to any request says is put in on its way. */
  private void allow(Headers answer, Headers request, String method) {
    CorsConfig.Policy config = policy.config();
    set(answer, ALLOW_METHODS, asked(config.allowMethods(), method));
    set(
        answer,
        ALLOW_HEADERS,
        asked(config.allowHeaders(), request.value("access-control-request-headers")));
    set(answer, MAX_AGE, config.maxAge());
    if (config.allowPrivateNetwork()
        && "true".equals(request.first("access-control-request-private-network"))) {
      answer.set(ALLOW_PRIVATE_NETWORK, "true");
    }
  }

  private static String asked(String allowed, @Nullable String asked) {
    if (!allowed.equals("*")) {
      return allowed;
    }
    return asked == null ? "" : asked;
  }

  private static void set(Headers headers, String name, String value) {
    if (!value.isEmpty()) {
      headers.set(name, value);
    }
  }

  @Override
  public Verdict responseHeaders(Headers headers, boolean endStream) {
    String origin = allowed;
    if (origin != null) {
      headers.set(ALLOW_ORIGIN, origin);
      if (policy.config().allowCredentials()) {
        headers.set(ALLOW_CREDENTIALS, "true");
      }
      set(headers, EXPOSE_HEADERS, policy.config().exposeHeaders());
    }
    return Verdict.CONTINUE;
  }
}
