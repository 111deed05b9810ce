package dev.weir.control.compile.xds;

import dev.weir.control.model.SessionPersistence;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.filters.http.stateful_session.v3.StatefulSession;
import io.envoyproxy.envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState;
import io.envoyproxy.envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState;
import io.envoyproxy.envoy.type.http.v3.Cookie;

/** Gateway API's sessions in Envoy's words. */
final class SessionCompiler {
  static final String FILTER = "envoy.filters.http.stateful_session";

  private SessionCompiler() {}

  /**
   * It does nothing but where a route has a {@link #session}. Optional, so that a sidecar of before
   * there was such a filter takes the listener, and refuses the route alone.
   */
  static HttpFilter filter() {
    return HttpFilter.newBuilder()
        .setName(FILTER)
        .setTypedConfig(Protos.any(StatefulSession.getDefaultInstance()))
        .setIsOptional(true)
        .build();
  }

  static StatefulSessionPerRoute session(SessionPersistence session) {
    return StatefulSessionPerRoute.newBuilder()
        .setStatefulSession(StatefulSession.newBuilder().setSessionState(state(session)))
        .build();
  }

  private static TypedExtensionConfig state(SessionPersistence session) {
    TypedExtensionConfig.Builder state = TypedExtensionConfig.newBuilder();
    return switch (session.type()) {
      case COOKIE -> {
        Cookie.Builder cookie = Cookie.newBuilder().setName(session.sessionName()).setPath("/");
        session.absoluteTimeout().ifPresent(holds -> cookie.setTtl(Protos.duration(holds)));
        yield state
            .setName("envoy.http.stateful_session.cookie")
            .setTypedConfig(
                Protos.any(CookieBasedSessionState.newBuilder().setCookie(cookie).build()))
            .build();
      }
      case HEADER ->
          state
              .setName("envoy.http.stateful_session.header")
              .setTypedConfig(
                  Protos.any(
                      HeaderBasedSessionState.newBuilder().setName(session.sessionName()).build()))
              .build();
    };
  }
}
