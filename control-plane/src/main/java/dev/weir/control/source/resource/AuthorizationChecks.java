package dev.weir.control.source.resource;

import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.AuthorizationSpec.AccessRule;
import dev.weir.control.model.AuthorizationSpec.Action;
import dev.weir.control.model.AuthorizationSpec.Caller;
import dev.weir.control.model.CallMatch;
import dev.weir.control.model.schema.Shapes;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import java.util.List;

/** What an AuthorizationPolicy says by itself that cannot be, or is seldom meant. */
final class AuthorizationChecks {
  private final Manifest manifest;
  private final Findings findings;

  private AuthorizationChecks(Manifest manifest, Findings findings) {
    this.manifest = manifest;
    this.findings = findings;
  }

  static void check(AuthorizationSpec spec, Manifest manifest, Findings findings) {
    AuthorizationChecks checks = new AuthorizationChecks(manifest, findings);
    if (spec.rules().isEmpty()) {
      checks.warn(
          switch (spec.action()) {
            case ALLOW -> "nobody may call: an Allow without a rule takes nothing";
            case DENY -> "refuses nothing: a Deny without a rule names no call";
            case EXTERNAL ->
                "asks about nothing: an External without a rule names no call; {} names all";
          },
          "spec",
          "rules");
    }
    for (int i = 0; i < spec.rules().size(); i++) {
      checks.rule(spec.action(), spec.rules().get(i), i);
    }
  }

  private void rule(Action action, AccessRule rule, int index) {
    for (int i = 0; i < rule.from().size(); i++) {
      Caller caller = rule.from().get(i);
      if (action != Action.ALLOW && caller.wantsCertificate()) {
        warn(
            "a caller in plain text shows no certificate, so this %s cannot name it; mtls Strict in"
                    .formatted(Shapes.word(action))
                + " an AuthenticationPolicy refuses plain text",
            "spec",
            "rules",
            index,
            "from",
            i);
      }
    }
    Expressions expressions = new Expressions(manifest, findings);
    List<CallMatch> matches = rule.matches();
    expressions.check(
        matches.stream().map(CallMatch::http).toList(), "spec", "rules", index, "matches");
  }

  private void warn(String message, Object... steps) {
    Place place = manifest.place(steps);
    findings.warning(place.at(), place.path(), message);
  }
}
