package dev.weir.control.compile.xds;

import dev.weir.control.model.AuthorizationSpec.AccessRule;
import dev.weir.control.model.AuthorizationSpec.Action;
import dev.weir.control.model.AuthorizationSpec.Caller;
import dev.weir.control.model.AuthorizationSpec.Claim;
import dev.weir.control.model.AuthorizationSpec.Token;
import dev.weir.control.model.CallMatch;
import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.HttpMatch.PathMatch;
import dev.weir.control.model.HttpMatch.ValueType;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.type.matcher.v3.DoubleMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ListMatcher;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import io.envoyproxy.envoy.type.matcher.v3.OrMatcher;
import io.envoyproxy.envoy.type.matcher.v3.PathMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Rules of authorization policies as RBAC's principals, for one port. */
final class Principals {
  /** As JSON writes them. */
  private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]{0,14})([.][0-9]{1,9})?");

  private final int port;
  private final String trustDomain;
  private final List<String> providers;

  /**
   * @param port of the Service
   * @param providers whose tokens the port looks at
   */
  Principals(int port, String trustDomain, List<String> providers) {
    this.port = port;
    this.trustDomain = trustDomain;
    this.providers = providers;
  }

  /** Of requests; empty for what none can be. */
  Optional<Principal> http(AccessRule rule) {
    List<Principal> parts = new ArrayList<>();
    from(rule).ifPresent(parts::add);
    Token token = rule.token();
    if (token != null) {
      parts.add(token(token));
    }
    if (!rule.matches().isEmpty()) {
      List<Principal> matches =
          rule.matches().stream()
              .filter(match -> AccessCompiler.ofPort(match, port))
              .map(Principals::request)
              .toList();
      if (matches.isEmpty()) {
        return Optional.empty();
      }
      parts.add(any(matches));
    }
    return Optional.of(all(parts));
  }

  /**
   * Of connections, which show neither token nor request: what asks for these never allows, and a
   * Deny holds without.
   */
  Optional<Principal> connection(AccessRule rule, Action action) {
    if (action == Action.ALLOW && rule.ofRequests()) {
      return Optional.empty();
    }
    if (!rule.matches().isEmpty()
        && rule.matches().stream()
            .filter(match -> action == Action.DENY || !match.ofRequests())
            .noneMatch(match -> AccessCompiler.ofPort(match, port))) {
      return Optional.empty();
    }
    return Optional.of(from(rule).orElseGet(Principals::anyone));
  }

  private Optional<Principal> from(AccessRule rule) {
    return rule.from().isEmpty()
        ? Optional.empty()
        : Optional.of(any(rule.from().stream().map(this::caller).toList()));
  }

  private Principal caller(Caller caller) {
    List<Principal> parts = new ArrayList<>();
    parts.addAll(
        one(
            caller.serviceAccounts().stream()
                .map(account -> {
                  int slash = account.indexOf('/');
                  return named(
                      Protos.exactly(
                          identity(
                              trustDomain,
                              account.substring(0, slash),
                              account.substring(slash + 1))));
                })));
    parts.addAll(
        one(
            caller.namespaces().stream()
                .map(namespace ->
                    named(
                        StringMatcher.newBuilder()
                            .setPrefix(identity(trustDomain, namespace, ""))
                            .build()))));
    parts.addAll(one(caller.principals().stream().map(name -> named(Protos.exactly(name)))));
    parts.addAll(one(caller.ipBlocks().stream().map(Principals::address)));
    return all(parts);
  }

  /** Of a service account; without one, what those of a namespace begin with. */
  static String identity(String trustDomain, String namespace, String account) {
    return "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + account;
  }

  /** Nothing for none. */
  private static List<Principal> one(Stream<Principal> of) {
    List<Principal> all = of.toList();
    return all.isEmpty() ? List.of() : List.of(any(all));
  }

  private static Principal named(StringMatcher name) {
    return Principal.newBuilder()
        .setAuthenticated(Principal.Authenticated.newBuilder().setPrincipalName(name))
        .build();
  }

  private static Principal address(String block) {
    int slash = block.indexOf('/');
    String address = slash < 0 ? block : block.substring(0, slash);
    int length =
        slash < 0
            ? (address.contains(":") ? 128 : 32)
            : Integer.parseInt(block.substring(slash + 1));
    return Principal.newBuilder()
        .setDirectRemoteIp(
            CidrRange.newBuilder().setAddressPrefix(address).setPrefixLen(Protos.uint32(length)))
        .build();
  }

  private Principal token(Token token) {
    List<String> of = token.providers().isEmpty() ? providers : token.providers();
    return any(of.stream().map(provider -> token(token, provider)).toList());
  }

  private static Principal token(Token token, String provider) {
    List<Principal> parts = new ArrayList<>();
    parts.add(claim(provider, "", ValueMatcher.newBuilder().setPresentMatch(true).build()));
    if (!token.roles().isEmpty()) {
      parts.add(claim(provider, token.rolesClaim(), oneOf(token.roles())));
    }
    for (Claim claim : token.claims()) {
      parts.add(claim(provider, claim.path(), oneOf(claim.values())));
    }
    return all(parts);
  }

  /** One of these, or a list that has one: texts, and what is written like them in JSON. */
  private static ValueMatcher oneOf(List<String> values) {
    OrMatcher.Builder or = OrMatcher.newBuilder();
    for (String value : values) {
      for (ValueMatcher each : written(value)) {
        or.addValueMatchers(each)
            .addValueMatchers(
                ValueMatcher.newBuilder().setListMatch(ListMatcher.newBuilder().setOneOf(each)));
      }
    }
    return ValueMatcher.newBuilder().setOrMatch(or).build();
  }

  private static List<ValueMatcher> written(String value) {
    List<ValueMatcher> all = new ArrayList<>();
    all.add(ValueMatcher.newBuilder().setStringMatch(Protos.exactly(value)).build());
    if (value.equals("true") || value.equals("false")) {
      all.add(ValueMatcher.newBuilder().setBoolMatch(value.equals("true")).build());
    } else if (NUMBER.matcher(value).matches()) {
      all.add(
          ValueMatcher.newBuilder()
              .setDoubleMatch(DoubleMatcher.newBuilder().setExact(Double.parseDouble(value)))
              .build());
    }
    return all;
  }

  /** A name with dots is one, as OpenID providers have them, or the way to a nested claim. */
  private static Principal claim(String provider, String path, ValueMatcher value) {
    if (path.isEmpty()) {
      return at(List.of(provider), value);
    }
    Principal whole = at(List.of(provider, path), value);
    List<String> nested = new ArrayList<>(List.of(provider));
    nested.addAll(List.of(path.split("[.]")));
    return nested.size() == 2 ? whole : any(List.of(whole, at(nested, value)));
  }

  @SuppressWarnings("deprecation") // what came in its place not all Envoys know
  private static Principal at(List<String> path, ValueMatcher value) {
    MetadataMatcher.Builder matcher =
        MetadataMatcher.newBuilder().setFilter(JwtCompiler.FILTER).setValue(value);
    path.forEach(key -> matcher.addPath(MetadataMatcher.PathSegment.newBuilder().setKey(key)));
    return Principal.newBuilder().setMetadata(matcher).build();
  }

  private static Principal request(CallMatch match) {
    List<Principal> parts = new ArrayList<>();
    PathMatch path = match.path();
    if (path != null) {
      parts.add(path(path));
    }
    CallMatch.GrpcMethod grpc = match.grpc();
    if (grpc != null) {
      String method = grpc.method();
      parts.add(
          path(
              method == null
                  ? StringMatcher.newBuilder().setPrefix("/" + grpc.service() + "/").build()
                  : Protos.exactly("/" + grpc.service() + "/" + method)));
    }
    HttpMatch.Method method = match.method();
    if (method != null) {
      parts.add(header(":method", Protos.exactly(method.name())));
    }
    match
        .headers()
        .forEach(each ->
            parts.add(
                header(
                    each.name().toLowerCase(Locale.ROOT),
                    each.type() == ValueType.EXACT
                        ? Protos.exactly(each.value())
                        : Protos.matching(each.value()))));
    return all(parts);
  }

  private static Principal header(String name, StringMatcher value) {
    return Principal.newBuilder()
        .setHeader(HeaderMatcher.newBuilder().setName(name).setStringMatch(value))
        .build();
  }

  private static Principal path(PathMatch match) {
    return switch (match.type()) {
      case EXACT -> path(Protos.exactly(match.value()));
      case REGULAR_EXPRESSION -> path(Protos.matching(match.value()));
      case PATH_PREFIX -> {
        String prefix = match.value().replaceFirst("/+$", "");
        yield prefix.isEmpty()
            ? anyone()
            : any(
                List.of(
                    path(Protos.exactly(prefix)),
                    path(StringMatcher.newBuilder().setPrefix(prefix + "/").build())));
      }
    };
  }

  private static Principal path(StringMatcher path) {
    return Principal.newBuilder().setUrlPath(PathMatcher.newBuilder().setPath(path)).build();
  }

  private static Principal anyone() {
    return Principal.newBuilder().setAny(true).build();
  }

  private static Principal nobody() {
    return Principal.newBuilder().setNotId(anyone()).build();
  }

  /** One of them at least; of none nobody. */
  static Principal any(List<Principal> some) {
    return switch (some.size()) {
      case 0 -> nobody();
      case 1 -> some.getFirst();
      default ->
          Principal.newBuilder().setOrIds(Principal.Set.newBuilder().addAllIds(some)).build();
    };
  }

  /** All of them; of none anyone. */
  static Principal all(List<Principal> some) {
    return switch (some.size()) {
      case 0 -> anyone();
      case 1 -> some.getFirst();
      default ->
          Principal.newBuilder().setAndIds(Principal.Set.newBuilder().addAllIds(some)).build();
    };
  }
}
