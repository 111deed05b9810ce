package dev.weir.sidecar.filter.http.statefulsession;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.OverrideHost;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.filter.http.statefulsession.StatefulSessionConfig.InCookie;
import dev.weir.sidecar.filter.http.statefulsession.StatefulSessionConfig.InHeader;
import dev.weir.sidecar.filter.http.statefulsession.StatefulSessionConfig.Session;
import dev.weir.sidecar.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the host that the client names, and names the host to the client that it came to if that
 * is another. Formats and paths are Envoy's.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/stateful_session_filter
 */
final class StatefulSessionFilter implements HttpFilter {
  private final FilterContext context;
  private final Session session;
  private boolean concerned;

  /** The host that the client named; null for none. */
  private @Nullable String named;

  StatefulSessionFilter(FilterContext context, Session session) {
    this.context = context;
    this.session = session;
  }

  @Override
  public Verdict requestHeaders(Headers headers, boolean endStream) {
    switch (session.state()) {
      case InCookie cookie -> {
        concerned = SessionCookie.isFor(cookie.path(), headers.path());
        if (concerned) {
          named = SessionCookie.find(headers, cookie.name(), now());
        }
      }
      case InHeader(String name) -> {
        concerned = true;
        named = inHeader(headers.first(name));
      }
    }
    if (named != null) {
      context.filterState().put(OverrideHost.KEY, new OverrideHost(named, session.strict()));
    }
    return Verdict.CONTINUE;
  }

  private static @Nullable String inHeader(@Nullable String value) {
    if (value == null) {
      return null;
    }
    byte[] decoded = SessionCookie.decoded(value);
    return decoded.length == 0 ? null : new String(decoded, StandardCharsets.ISO_8859_1);
  }

  @Override
  public Verdict responseHeaders(Headers headers, boolean endStream) {
    String host = context.info().upstreamHost;
    if (concerned && host != null && !host.isEmpty() && !host.equals(named)) {
      switch (session.state()) {
        case InCookie cookie -> headers.add("set-cookie", SessionCookie.of(cookie, host, now()));
        case InHeader(String name) -> headers.set(name, inBase64(host));
      }
    }
    return Verdict.CONTINUE;
  }

  private static String inBase64(String host) {
    return Base64.getEncoder().encodeToString(host.getBytes(StandardCharsets.ISO_8859_1));
  }

  private long now() {
    return context.loop().clock().currentTimeMillis() / 1000;
  }
}
