package dev.weir.control.source.resource;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.Policy;
import dev.weir.control.model.RateLimitSpec;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import dev.weir.control.source.reader.Findings;
import java.util.function.Function;

/** Reads one of Weir's policies, which says in its document just what the model says. */
record PolicyReader<B extends Record, S extends Policy.Spec>(Class<B> type, Function<B, S> spec)
    implements BodyReader<B> {
  static final PolicyReader<Resilience, ResilienceSpec> RESILIENCE =
      new PolicyReader<>(Resilience.class, Resilience::spec);
  static final PolicyReader<RateLimit, RateLimitSpec> RATE_LIMIT =
      new PolicyReader<>(RateLimit.class, RateLimit::spec);
  static final PolicyReader<Telemetry, TelemetrySpec> TELEMETRY =
      new PolicyReader<>(Telemetry.class, Telemetry::spec);

  static final PolicyReader<Authentication, AuthenticationSpec> AUTHENTICATION =
      new PolicyReader<>(Authentication.class, Authentication::spec);
  static final PolicyReader<Authorization, AuthorizationSpec> AUTHORIZATION =
      new PolicyReader<>(Authorization.class, Authorization::spec);

  @Ignored({"apiVersion", "kind", "metadata", "status"})
  record Authentication(@Field("The policy.") AuthenticationSpec spec) {}

  @Ignored({"apiVersion", "kind", "metadata", "status"})
  record Authorization(@Field("The policy.") AuthorizationSpec spec) {}

  @Ignored({"apiVersion", "kind", "metadata", "status"})
  record Resilience(@Field("The policy.") ResilienceSpec spec) {}

  @Ignored({"apiVersion", "kind", "metadata", "status"})
  record RateLimit(@Field("The policy.") RateLimitSpec spec) {}

  @Ignored({"apiVersion", "kind", "metadata", "status"})
  record Telemetry(@Field("The policy.") TelemetrySpec spec) {}

  @Override
  public Resource translate(Manifest manifest, B body, Findings findings) {
    S policy = spec.apply(body);
    if (policy instanceof RateLimitSpec limits) {
      Expressions expressions = new Expressions(manifest, findings);
      for (int i = 0; i < limits.limits().size(); i++) {
        expressions.check(limits.limits().get(i).matches(), "spec", "limits", i, "matches");
      }
    }
    if (policy instanceof AuthenticationSpec authentication) {
      AuthenticationChecks.check(authentication, manifest, findings);
    }
    if (policy instanceof AuthorizationSpec authorization) {
      AuthorizationChecks.check(authorization, manifest, findings);
    }
    return new Resource.OfPolicy<>(manifest, new Policy<>(manifest.name(), policy));
  }
}
