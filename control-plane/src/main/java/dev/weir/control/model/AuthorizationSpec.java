package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Rule;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may call; enforced by the service's own sidecars. The policies of all levels add up: what a
 * Deny names is refused; where there is an Allow, only what some Allow names is taken; of that,
 * what an External names is taken when a server says so.
 */
@Rule(
    cel = "has(self.external) == (self.action == 'External')",
    message = AuthorizationSpec.EXTERNAL_MESSAGE)
@Rule(
    cel = "self.action != 'External' || !has(self.mode) || self.mode != 'Shadow'",
    message = AuthorizationSpec.SHADOW_MESSAGE)
@Rule(
    cel = TargetRef.NONE_IS_ROUTE,
    message = AuthorizationSpec.ROUTE_MESSAGE,
    field = "targetRefs")
@Rule(
    cel = Precedence.OVERRIDES_NO_SERVICE,
    message = Precedence.OVERRIDE_MESSAGE,
    field = "precedence")
public record AuthorizationSpec(
    @Field(value = "What the policy is for.", min = "1", max = "16", unique = true)
        List<TargetRef> targetRefs,
    @Field(value = "`Shadow`: decide, count, log, do not refuse.", defaultsTo = "Enforce")
        Mode mode,
    @Field(
            value =
                "`Override`, on a Namespace or the mesh: its Allow is needed beside those below,"
                    + " so that none of them can let in whom it does not.",
            defaultsTo = "Default")
        Precedence precedence,
    @Field(
            "`Allow`: these may call. `Deny`: these may not, whoever else says so. `External`: of"
                + " those that may, these are asked about, and need a yes.")
        Action action,
    @Field("With `External`: who is asked.") @Nullable ExternalCheck external,
    @Field(value = "Any of these. `[]` with Allow: nobody.", max = "64") List<AccessRule> rules)
    implements Policy.Spec {
  static final String EXTERNAL_MESSAGE =
      "external says who is asked: it is given for action External, and for no other";
  static final String SHADOW_MESSAGE =
      "mode: Shadow is not for action External: a server would be asked, and not heeded; try a server"
          + " out beside the app, or with onUnavailable: Allow";

  static final String ROUTE_MESSAGE =
      "who may call is enforced by the service, which sees requests and not routes; name the"
          + " Service, and the requests in rules[].matches";

  public AuthorizationSpec {
    targetRefs = List.copyOf(targetRefs);
    if (targetRefs.stream().anyMatch(TargetRef::isRoute)) {
      throw new IllegalArgumentException(ROUTE_MESSAGE);
    }
    precedence.refuse(targetRefs);
    rules = List.copyOf(rules);
    if ((external != null) != (action == Action.EXTERNAL)) {
      throw new IllegalArgumentException(EXTERNAL_MESSAGE);
    }
    if (external != null && mode == Mode.SHADOW) {
      throw new IllegalArgumentException(SHADOW_MESSAGE);
    }
  }

  @Override
  public Set<String> sections() {
    return Set.of("rules");
  }

  /** All of it: no two exclude each other. */
  @Override
  public AuthorizationSpec only(Set<String> sections) {
    return this;
  }

  @Override
  public boolean addsUp() {
    return true;
  }

  /** What becomes of a request that a rule names. */
  public enum Action {
    ALLOW,
    DENY,
    EXTERNAL
  }

  /** All that is given must hold; nothing given: any request. */
  public record AccessRule(
      @Field("Who calls: any of these. Empty: anyone.") List<Caller> from,
      @Field("The token that was verified. Unset: with or without one.") @Nullable Token token,
      @Field("What is called: any of these. Empty: anything.") List<CallMatch> matches) {
    public AccessRule {
      from = List.copyOf(from);
      matches = List.copyOf(matches);
    }

    /** Whether a connection that is not HTTP can never be what it names. */
    public boolean ofRequests() {
      return token != null
          || !matches.isEmpty() && matches.stream().allMatch(CallMatch::ofRequests);
    }
  }

  /** Who calls: of each list that is given one must be it. */
  @Rule(
      cel = "!has(self.ipBlocks) || self.ipBlocks.all(one, isIP(one) || isCIDR(one))",
      message = Caller.BLOCK_MESSAGE,
      field = "ipBlocks")
  public record Caller(
      @Field(
              value = "Service accounts, `namespace/name`, proved by a certificate.",
              pattern = Caller.ACCOUNT,
              otherwise = "no service account: write namespace/name, shop/frontend")
          List<String> serviceAccounts,
      @Field(
              value = "Namespaces of service accounts, proved by a certificate.",
              pattern = Caller.NAMESPACE,
              otherwise = Caller.NO_NAMESPACE)
          List<String> namespaces,
      @Field(
              value = "Whole names (URI or DNS) in a certificate.",
              pattern = Caller.PRINCIPAL,
              otherwise = Caller.NO_PRINCIPAL)
          List<String> principals,
      @Field("Addresses that connect, `10.0.0.0/8` or `10.1.2.3`.") List<String> ipBlocks) {
    static final String ACCOUNT = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";

    /** One label of DNS. */
    public static final String NAMESPACE = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$";

    static final String NO_NAMESPACE =
        "no namespace: write the name of one, shop; to let in whoever has a certificate leave from"
            + " out, and let mtls.mode Strict of an AuthenticationPolicy refuse who has none";
    static final String PRINCIPAL = "^[^*]+$";
    static final String NO_PRINCIPAL =
        "no whole name: * stands for nothing in it; write the name, or all of a namespace in"
            + " namespaces; to let in whoever has a certificate leave from out, and let mtls.mode"
            + " Strict of an AuthenticationPolicy refuse who has none";
    static final String BLOCK_MESSAGE =
        "a block of addresses is written 10.0.0.0/8, 10.1.2.3 or fd00::/8";

    public Caller {
      serviceAccounts = List.copyOf(serviceAccounts);
      namespaces = List.copyOf(namespaces);
      principals = List.copyOf(principals);
      ipBlocks = List.copyOf(ipBlocks);
      if (!ipBlocks.stream().allMatch(Addresses::isBlock)) {
        throw new IllegalArgumentException(BLOCK_MESSAGE);
      }
    }

    /** Whether a caller in plain text can never be it. */
    public boolean wantsCertificate() {
      return !serviceAccounts.isEmpty() || !namespaces.isEmpty() || !principals.isEmpty();
    }
  }

  /** A token that an AuthenticationPolicy has verified: all that is given must hold. */
  @Rule(
      cel =
          "has(self.providers) && size(self.providers) > 0 || has(self.roles) && size(self.roles)"
              + " > 0 || has(self.claims) && size(self.claims) > 0",
      message = Token.MESSAGE)
  public record Token(
      @Field("Issued by one of these providers. Empty: by any.") List<String> providers,
      @Field("It has one of these roles.") List<String> roles,
      @Field(
              value = "The claim that has the roles; nested ones with dots.",
              defaultsTo = "roles",
              min = "1",
              max = "256")
          String rolesClaim,
      @Field("Each must hold.") List<Claim> claims) {
    static final String MESSAGE = "a token has providers, roles or claims";

    public Token {
      providers = List.copyOf(providers);
      roles = List.copyOf(roles);
      claims = List.copyOf(claims);
      if (providers.isEmpty() && roles.isEmpty() && claims.isEmpty()) {
        throw new IllegalArgumentException(MESSAGE);
      }
    }
  }

  /** A claim, and the values of which it must have one. */
  public record Claim(
      @Field(
              value = "The claim, by its name, or nested with dots: `realm.groups`.",
              min = "1",
              max = "256")
          String path,
      @Field(
              value = "One of these, as JSON writes it without quotes; of a list, one item is.",
              min = "1")
          List<String> values) {
    public Claim {
      values = List.copyOf(values);
    }
  }
}
