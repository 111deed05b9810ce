package dev.weir.control.source.resource;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.Jwt;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import java.util.List;

/** What an AuthenticationPolicy says by itself that cannot be. */
final class AuthenticationChecks {
  private final Manifest manifest;
  private final Findings findings;

  private AuthenticationChecks(Manifest manifest, Findings findings) {
    this.manifest = manifest;
    this.findings = findings;
  }

  static void check(AuthenticationSpec spec, Manifest manifest, Findings findings) {
    AuthenticationChecks checks = new AuthenticationChecks(manifest, findings);
    Jwt jwt = spec.jwt();
    if (spec.sections().isEmpty()) {
      Place place = manifest.place("spec");
      findings.warning(place.at(), place.path(), "has no effect: it sets none of mtls, jwt");
    }
    if (jwt != null) {
      new Expressions(manifest, findings).check(jwt.exclude(), "spec", "jwt", "exclude");
      checks.providers(jwt.providers());
    }
  }

  private void providers(List<Jwt.Provider> providers) {
    for (int i = 0; i < providers.size(); i++) {
      Jwt.Provider provider = providers.get(i);
      if (provider.jwks() instanceof Jwt.JwksInline(String inline)) {
        int index = i;
        KeySets.wrong(inline)
            .ifPresent(what -> error(what, "spec", "jwt", "providers", index, "jwks", "inline"));
      }
    }
  }

  private void error(String message, Object... steps) {
    Place place = manifest.place(steps);
    findings.error(place.at(), place.path(), message);
  }
}
