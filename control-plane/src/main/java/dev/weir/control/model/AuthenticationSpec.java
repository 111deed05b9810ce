package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Rule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who a caller is; found out by the service's own sidecars, so that it holds against any caller.
 * Each section is taken whole from the most specific policy that has it.
 */
@Rule(
    cel = TargetRef.NONE_IS_ROUTE,
    message = AuthenticationSpec.ROUTE_MESSAGE,
    field = "targetRefs")
@Rule(
    cel = Precedence.OVERRIDES_NO_SERVICE,
    message = Precedence.OVERRIDE_MESSAGE,
    field = "precedence")
public record AuthenticationSpec(
    @Field(value = "What the policy is for.", min = "1", max = "16", unique = true)
        List<TargetRef> targetRefs,
    @Field(
            value =
                "`Override`, on a Namespace or the mesh: it holds whatever policies below say, so"
                    + " that none can weaken it.",
            defaultsTo = "Default")
        Precedence precedence,
    @Field("Mutual TLS between workloads.") @Nullable Mtls mtls,
    @Field("Tokens of end users.") @Nullable Jwt jwt)
    implements Policy.Spec {
  static final String ROUTE_MESSAGE =
      "who calls is found out by the service, which sees requests and not routes; name the Service";

  public AuthenticationSpec {
    targetRefs = List.copyOf(targetRefs);
    if (targetRefs.stream().anyMatch(TargetRef::isRoute)) {
      throw new IllegalArgumentException(ROUTE_MESSAGE);
    }
    precedence.refuse(targetRefs);
  }

  @Override
  public Set<String> sections() {
    Set<String> sections = new TreeSet<>();
    if (mtls != null) {
      sections.add("mtls");
    }
    if (jwt != null) {
      sections.add("jwt");
    }
    return sections;
  }

  @Override
  public List<Jwt.ConfigMapRef> configMapRefs() {
    return jwt == null ? List.of() : jwt.configMapRefs();
  }

  @Override
  public AuthenticationSpec only(Set<String> sections) {
    return new AuthenticationSpec(
        targetRefs,
        precedence,
        sections.contains("mtls") ? mtls : null,
        sections.contains("jwt") ? jwt : null);
  }

  /** How workloads prove to each other who they are. */
  public record Mtls(
      @Field(
              "`Strict`: plain text is refused. `Permissive`: both are taken; callers with an"
                  + " identity use mutual TLS. `Disabled`: plain text alone.")
          Mode mode) {
    /** Permissive where nobody says more. */
    public static final Mtls DEFAULT = new Mtls(Mode.PERMISSIVE);

    /** What is taken. */
    public enum Mode {
      STRICT,
      PERMISSIVE,
      DISABLED
    }
  }
}
