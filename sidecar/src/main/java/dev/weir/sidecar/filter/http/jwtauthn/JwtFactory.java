package dev.weir.sidecar.filter.http.jwtauthn;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import dev.weir.sidecar.route.RouteMatcher;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Makes filters of streams, with what they share: providers and their keys. */
public final class JwtFactory implements HttpFilterFactory {
  /** A rule, compiled. */
  record Rule(RouteMatcher match, JwtConfig.@Nullable Requirement requirement) {}

  /** What a route says; null: the filter is off. */
  record OfRoute(JwtConfig.@Nullable Requirement requirement) {}

  /** Characters of half of them; read, a token takes some five times as many bytes. */
  private static final int MOST_READ = 256 << 10;

  private final JwtConfig.Filter config;
  private final Map<String, LiveProvider> providers = new HashMap<>();

  /** As they were read, those that were good: that one is here says nothing about it. */
  private final Recent<String, Token> read = new Recent<>(MOST_READ, String::length);

  private final List<Rule> rules = new ArrayList<>();
  private final Executor tasks;
  private final JwtStats stats;

  /**
   * @throws Unfit for keys that cannot be read
   */
  public JwtFactory(JwtConfig.Filter config, JwtServices services, JwtStats stats) {
    this.config = config;
    this.tasks = services.tasks();
    this.stats = stats;
    config
        .providers()
        .forEach((name, provider) ->
            providers.put(name, new LiveProvider(provider, keys(provider, services))));
    for (JwtConfig.Rule rule : config.rules()) {
      // A spelling must not lead past a requirement: neither by the rule that has it, nor by one
      // before
      // it that has none.
      rules.add(
          new Rule(
              rule.requirement().isPresent()
                  ? RouteMatcher.anySpelling(rule.match())
                  : RouteMatcher.everySpelling(rule.match()),
              rule.requirement().orElse(null)));
    }
    if (!providers.isEmpty()) {
      stats.open();
    }
  }

  private static KeySource keys(JwtConfig.Provider provider, JwtServices services) {
    return switch (provider.keys()) {
      case JwtConfig.Keys.Local local -> {
        try {
          KeySet keys = KeySet.parse(services.read(local.source()));
          if (keys.hasCurves()) {
            services.curves().run();
          }
          yield KeySource.of(keys, services.clock());
        } catch (ParseException e) {
          throw new Unfit(
              "providers[\"" + provider.name() + "\"].local_jwks",
              "is no JSON Web Key Set: " + e.getMessage());
        }
      }
      case JwtConfig.Keys.Remote remote ->
          KeySource.of(remote, services.client(), services.clock(), services.curves());
    };
  }

  @Override
  public @Nullable HttpFilter create(FilterContext context, @Nullable Object routeConfig) {
    if (providers.isEmpty()) {
      return null;
    }
    if (routeConfig instanceof OfRoute(JwtConfig.Requirement requirement)) {
      return requirement == null ? null : new JwtFilter(context, this, requirement);
    }
    return rules.isEmpty() ? null : new JwtFilter(context, this, null);
  }

  @Override
  public Object compileRoute(FilterConfig ofRoute) {
    JwtConfig.Route route = (JwtConfig.Route) ofRoute;
    if (route.requirement().isEmpty()) {
      return new OfRoute(null);
    }
    String name = route.requirement().get();
    JwtConfig.Requirement requirement = config.named().get(name);
    if (requirement == null) {
      throw new IllegalArgumentException(
          "\"" + name + "\" is none of the filter's requirement_map: " + config.named().keySet());
    }
    return new OfRoute(requirement);
  }

  JwtConfig.Filter config() {
    return config;
  }

  /**
   * Tokens that were good lately. A caller shows one with many requests, and to read it costs as
   * much as to pass the request on.
   */
  Recent<String, Token> read() {
    return read;
  }

  Map<String, LiveProvider> providers() {
    return providers;
  }

  List<Rule> rules() {
    return rules;
  }

  Executor tasks() {
    return tasks;
  }

  JwtStats stats() {
    return stats;
  }

  @Override
  public void close() {
    stats.close();
  }
}
