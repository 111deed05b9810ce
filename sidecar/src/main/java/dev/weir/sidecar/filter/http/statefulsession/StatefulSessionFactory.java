package dev.weir.sidecar.filter.http.statefulsession;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import dev.weir.sidecar.filter.http.statefulsession.StatefulSessionConfig.Session;
import org.jspecify.annotations.Nullable;

/** Makes filters of sessions; what a route says is instead of the filter's own word. */
public final class StatefulSessionFactory implements HttpFilterFactory {
  private final StatefulSessionConfig config;

  public StatefulSessionFactory(StatefulSessionConfig config) {
    this.config = config;
  }

  @Override
  public @Nullable HttpFilter create(FilterContext context, @Nullable Object routeConfig) {
    Session session =
        (routeConfig instanceof StatefulSessionConfig own ? own : config).session().orElse(null);
    return session == null ? null : new StatefulSessionFilter(context, session);
  }
}
