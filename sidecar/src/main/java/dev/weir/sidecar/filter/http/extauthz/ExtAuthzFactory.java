package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.CheckSettings;
import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Service;
import dev.weir.sidecar.rbac.MetadataCondition;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes filters of streams, with what they share: who is asked, and of which requests. */
public final class ExtAuthzFactory implements HttpFilterFactory {
  /**
   * What a route says, or the filter where that says nothing.
   *
   * @param body null: bodies are not asked about
   */
  record Settings(boolean off, ExtAuthzConfig.@Nullable Body body, Map<String, String> context) {}

  private final ExtAuthzConfig.Filter config;
  private final Settings own;
  private final Authorizer authorizer;
  private final @Nullable MetadataCondition enabled;
  private final ExtAuthzStats stats;

  public ExtAuthzFactory(
      ExtAuthzConfig.Filter config, ExtAuthzServices services, ExtAuthzStats stats) {
    this.config = config;
    this.own = new Settings(false, config.body().orElse(null), Map.of());
    this.authorizer =
        switch (config.service()) {
          case Service.Grpc grpc -> new GrpcAuthorizer(grpc, config, services);
          case Service.Http http -> new HttpAuthorizer(http, config, services);
        };
    this.enabled = config.enabled().metadata().map(MetadataCondition::new).orElse(null);
    this.stats = stats;
  }

  @Override
  public @Nullable HttpFilter create(FilterContext context, @Nullable Object routeConfig) {
    Settings settings = routeConfig instanceof Settings ofRoute ? ofRoute : own;
    return settings.off() ? null : new ExtAuthzFilter(context, this, settings);
  }

  @Override
  public Object compileRoute(FilterConfig ofRoute) {
    Optional<CheckSettings> settings = ((ExtAuthzConfig.Route) ofRoute).settings();
    if (settings.isEmpty()) {
      return new Settings(true, null, Map.of());
    }
    CheckSettings check = settings.get();
    return new Settings(
        false,
        check.withoutBody() ? null : check.body().or(config::body).orElse(null),
        check.context());
  }

  ExtAuthzConfig.Filter config() {
    return config;
  }

  Authorizer authorizer() {
    return authorizer;
  }

  /** What must hold of a request that is asked about; null: nothing. */
  @Nullable MetadataCondition enabled() {
    return enabled;
  }

  ExtAuthzStats stats() {
    return stats;
  }

  @Override
  public void close() {
    stats.close();
  }
}
