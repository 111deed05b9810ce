package dev.weir.sidecar.filter.http.rbac;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.PolicyDecision.Outcome;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.rbac.Call;
import dev.weir.sidecar.rbac.Rules;
import dev.weir.sidecar.rbac.Rules.Decision;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.transport.TlsSession;
import org.jspecify.annotations.Nullable;

/** Lets through who may call. It decides on the request as it goes on. */
final class RbacFilter implements HttpFilter {
  /** The filter's name in dynamic metadata, as in Envoy. */
  private static final String METADATA = "envoy.filters.http.rbac";

  private static final int FORBIDDEN = 403;

  private final FilterContext context;
  private final RbacRules rules;
  private final RbacStats stats;

  RbacFilter(FilterContext context, RbacRules rules, RbacStats stats) {
    this.context = context;
    this.rules = rules;
    this.stats = stats;
  }

  @Override
  public Verdict requestHeaders(Headers headers, boolean endStream) {
    ServerConnection connection = context.connection();
    Call call =
        new Call(
            headers,
            connection.remoteAddress(),
            connection.destination().address(),
            connection.tls(),
            context.info().metadata);
    StatSlab slab = stats.slab(context.loop().index());
    shadow(call, slab);
    Rules enforced = rules.rules();
    if (enforced == null) {
      return Verdict.CONTINUE;
    }
    Decision decision = enforced.decide(call);
    slab.inc(decision.allowed() ? stats.allowed : stats.denied);
    decided(enforced, decision, decision.allowed() ? Outcome.ADMITTED : Outcome.REFUSED);
    if (decision.allowed()) {
      return Verdict.CONTINUE;
    }
    String policy = decision.policy() == null ? "none" : decision.policy().replace(' ', '_');
    return Verdict.LocalReply.of(
        FORBIDDEN,
        "RBAC: access denied",
        "rbac_access_denied_matched_policy[" + policy + "]",
        cause(enforced, decision, call.tls()));
  }

  private void shadow(Call call, StatSlab slab) {
    Rules asked = rules.shadow();
    if (asked == null) {
      return;
    }
    Decision decision = asked.decide(call);
    slab.inc(decision.allowed() ? stats.shadowAllowed : stats.shadowDenied);
    String prefix = rules.shadowPrefix();
    if (decision.policy() != null) {
      context
          .info()
          .metadata()
          .put(METADATA, prefix + "shadow_effective_policy_id", decision.policy());
    }
    context
        .info()
        .metadata()
        .put(METADATA, prefix + "shadow_engine_result", decision.allowed() ? "allowed" : "denied");
    if (!decision.allowed()) {
      context.info().wouldRefuse(cause(asked, decision, call.tls()));
      decided(asked, decision, Outcome.WOULD_REFUSE);
    }
  }

  private void decided(Rules by, Decision decision, Outcome outcome) {
    String policy = decision.policy();
    context
        .info()
        .decided("authorization", policy == null ? only(by) : policy, "", outcome, -1, -1, "");
  }

  /**
   * By the policy that denies, or by the one that does not allow where there is but one; and to
   * whom, as it was seen here.
   */
  private static Cause cause(Rules rules, Decision decision, @Nullable TlsSession tls) {
    String policy = decision.policy();
    return new Cause("forbidden", policy == null ? only(rules) : policy, "", 0)
        .because(caller(tls));
  }

  private static String caller(@Nullable TlsSession tls) {
    if (tls == null) {
      return "the caller came in plain text";
    }
    return tls.peer() == null
        ? "the caller has shown no certificate"
        : "the caller is " + tls.peer();
  }

  private static String only(Rules rules) {
    @Nullable String first = rules.names().size() == 1 ? rules.names().getFirst() : null;
    return first == null ? "" : first;
  }
}
