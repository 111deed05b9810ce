package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.http.jwtauthn.JwtConfig;
import dev.weir.sidecar.filter.http.jwtauthn.JwtConfig.Requirement;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Nesting;
import dev.weir.sidecar.resource.value.RouteMatches;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.RequirementRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

final class JwtParser implements FilterParser {
  /** Of requirements in each other. */
  private static final int DEEPEST = 16;

  @Override
  public String type() {
    return "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.DOWNSTREAM);
  }

  /** What is not honoured is refused: to ignore it would let in whom it was to keep out. */
  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    JwtAuthentication proto = (JwtAuthentication) content;
    if (proto.hasFilterStateRules()) {
      throw new Invalid(path.field("filter_state_rules"), "is not supported");
    }
    Map<String, JwtConfig.Provider> providers = new HashMap<>();
    for (Map.Entry<String, JwtProvider> each : proto.getProvidersMap().entrySet()) {
      providers.put(
          each.getKey(),
          JwtProviderParser.parse(
              each.getKey(), each.getValue(), path.field("providers").key(each.getKey())));
    }
    Set<String> known = providers.keySet();
    Map<String, Requirement> named = new HashMap<>();
    for (Map.Entry<String, JwtRequirement> each : proto.getRequirementMapMap().entrySet()) {
      named.put(
          each.getKey(),
          requirement(
              each.getValue(), known, path.field("requirement_map").key(each.getKey()), DEEPEST));
    }
    List<JwtConfig.Rule> rules = new ArrayList<>();
    for (int i = 0; i < proto.getRulesCount(); i++) {
      rules.add(rule(proto.getRules(i), known, named, path.field("rules").index(i)));
    }
    return new JwtConfig.Filter(
        providers,
        rules,
        named,
        proto.getBypassCorsPreflight(),
        proto.getStripFailureResponse(),
        proto.getStatPrefix());
  }

  private static JwtConfig.Rule rule(
      RequirementRule proto, Set<String> known, Map<String, Requirement> named, FieldPath path)
      throws Invalid {
    Optional<Requirement> requirement = Optional.empty();
    switch (proto.getRequirementTypeCase()) {
      case REQUIRES ->
          requirement =
              Optional.of(requirement(proto.getRequires(), known, path.field("requires"), DEEPEST));
      case REQUIREMENT_NAME -> {
        requirement = Optional.ofNullable(named.get(proto.getRequirementName()));
        if (requirement.isEmpty()) {
          throw new Invalid(
              path.field("requirement_name"),
              "\"" + proto.getRequirementName() + "\" is not in requirement_map");
        }
      }
      case REQUIREMENTTYPE_NOT_SET -> {}
    }
    return new JwtConfig.Rule(
        RouteMatches.parse(proto.getMatch(), path.field("match")), requirement);
  }

  private static Requirement requirement(
      JwtRequirement proto, Set<String> known, FieldPath path, int left) throws Invalid {
    Nesting.check(left, DEEPEST, path);
    return switch (proto.getRequiresTypeCase()) {
      case PROVIDER_NAME ->
          new Requirement.Token(
              provider(proto.getProviderName(), known, path.field("provider_name")), List.of());
      case PROVIDER_AND_AUDIENCES ->
          new Requirement.Token(
              provider(
                  proto.getProviderAndAudiences().getProviderName(),
                  known,
                  path.field("provider_and_audiences").field("provider_name")),
              proto.getProviderAndAudiences().getAudiencesList());
      case REQUIRES_ANY ->
          new Requirement.AnyOf(
              list(
                  proto.getRequiresAny().getRequirementsList(),
                  known,
                  path.field("requires_any").field("requirements"),
                  left));
      case REQUIRES_ALL ->
          new Requirement.AllOf(
              list(
                  proto.getRequiresAll().getRequirementsList(),
                  known,
                  path.field("requires_all").field("requirements"),
                  left));
      case ALLOW_MISSING -> new Requirement.AllowMissing();
      case ALLOW_MISSING_OR_FAILED -> new Requirement.AllowMissingOrFailed();
      case REQUIRESTYPE_NOT_SET -> new Requirement.AllOf(List.of()); // nothing is needed
    };
  }

  private static List<Requirement> list(
      List<JwtRequirement> protos, Set<String> known, FieldPath path, int left) throws Invalid {
    List<Requirement> all = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      all.add(requirement(protos.get(i), known, path.index(i), left - 1));
    }
    return all;
  }

  private static String provider(String name, Set<String> known, FieldPath path) throws Invalid {
    if (!known.contains(name)) {
      throw new Invalid(path, "\"" + name + "\" is none of the providers " + known);
    }
    return name;
  }
}
