package dev.weir.sidecar.rbac;

import dev.weir.sidecar.config.rbac.Condition;
import dev.weir.sidecar.config.route.StringMatch;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.route.HeaderMatcher;
import dev.weir.sidecar.route.PathForms;
import dev.weir.sidecar.route.StringMatcher;
import dev.weir.sidecar.runtime.IpRange;
import dev.weir.sidecar.transport.Peer;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Compiles {@link Condition}s. */
final class Conditions {
  private final boolean wide;

  /**
   * @param wide a path counts in any spelling that an app may take for it, as for what is refused;
   *     else only in each, as for what is allowed
   */
  Conditions(boolean wide) {
    this.wide = wide;
  }

  @SuppressWarnings("unchecked")
  private Predicate<Call>[] all(List<Condition> conditions) {
    return conditions.stream().map(this::compile).toArray(Predicate[]::new);
  }

  /** One of them; of none nothing. */
  Predicate<Call> any(List<Condition> conditions) {
    Predicate<Call>[] compiled = all(conditions);
    return call -> {
      for (Predicate<Call> each : compiled) {
        if (each.test(call)) {
          return true;
        }
      }
      return false;
    };
  }

  private Predicate<Call> every(List<Condition> conditions) {
    Predicate<Call>[] compiled = all(conditions);
    return call -> {
      for (Predicate<Call> each : compiled) {
        if (!each.test(call)) {
          return false;
        }
      }
      return true;
    };
  }

  private Predicate<Call> compile(Condition condition) {
    return switch (condition) {
      case Condition.Any() -> call -> true;
      case Condition.And(List<Condition> conditions) -> every(conditions);
      case Condition.Or(List<Condition> conditions) -> any(conditions);
      case Condition.Not(Condition inner) -> new Conditions(!wide).compile(inner).negate();
      case Condition.Header(var match) -> {
        HeaderMatcher matcher = new HeaderMatcher(match);
        yield call -> call.request() != null && matcher.matches(call.request());
      }
      case Condition.Path(StringMatch match) -> {
        Predicate<String> matcher = path(match);
        yield call -> call.request() != null && matcher.test(path(call.request()));
      }
      case Condition.Authenticated(Optional<StringMatch> name) -> authenticated(name);
      case Condition.RemoteIp(var range) -> {
        IpRange compiled = IpRange.of(range);
        yield call -> compiled.holds(call.remoteIp());
      }
      case Condition.DestinationIp(var range) -> {
        IpRange compiled = IpRange.of(range);
        yield call -> compiled.holds(call.destinationIp());
      }
      case Condition.DestinationPort(int start, int end) ->
          call -> call.destinationPort() >= start && call.destinationPort() < end;
      case Condition.ServerName(StringMatch match) -> {
        StringMatcher matcher = new StringMatcher(match);
        yield call -> call.tls() != null && matcher.matches(call.tls().serverName());
      }
      case Condition.Metadata metadata -> metadata(metadata);
    };
  }

  private Predicate<String> path(StringMatch match) {
    StringMatcher matcher = new StringMatcher(match);
    if (wide) {
      return path -> {
        String bare = PathForms.withoutParameters(path);
        return matchesWritten(path, matcher) || bare != null && matchesWritten(bare, matcher);
      };
    }
    // Who names parameters knows of them.
    boolean parameters = match.value().indexOf(';') >= 0;
    return path -> {
      if (!matcher.matches(path)) {
        return false;
      }
      String bare = parameters ? null : PathForms.withoutParameters(path);
      return bare == null || matchesWritten(bare, matcher);
    };
  }

  private static boolean matchesWritten(String path, StringMatcher matcher) {
    if (matcher.matches(path)) {
      return true;
    }
    String canonical = PathForms.canonical(path);
    return canonical != null && matcher.matches(canonical);
  }

  /** What a route would match: without query and fragment. */
  private static String path(Headers request) {
    String path = request.path();
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) == '?' || path.charAt(i) == '#') {
        return path.substring(0, i);
      }
    }
    return path;
  }

  private static Predicate<Call> authenticated(Optional<StringMatch> name) {
    StringMatcher matcher = name.map(StringMatcher::new).orElse(null);
    return call -> {
      Peer peer = call.tls() == null ? null : call.tls().peer();
      return peer != null && (matcher == null || isNamed(peer, matcher));
    };
  }

  /** Any of its names, as in Envoy: URIs, host names, its subject. */
  private static boolean isNamed(Peer peer, StringMatcher matcher) {
    return peer.uris().stream().anyMatch(matcher::matches)
        || peer.dnsNames().stream().anyMatch(matcher::matches)
        || matcher.matches(peer.subject());
  }

  private static Predicate<Call> metadata(Condition.Metadata config) {
    MetadataCondition compiled = new MetadataCondition(config);
    return call -> compiled.holds(call.metadata());
  }
}
