package dev.weir.control.source.resource;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.Jwt;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlNode.Mapping;
import dev.weir.protos.yaml.YamlNode.Sequence;
import dev.weir.protos.yaml.YamlReader;
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
    if (jwt != null) {
      new Expressions(manifest, findings).check(jwt.exclude(), "spec", "jwt", "exclude");
      checks.providers(jwt.providers());
    }
  }

  private void providers(List<Jwt.Provider> providers) {
    for (int i = 0; i < providers.size(); i++) {
      Jwt.Provider provider = providers.get(i);
      if (provider.jwks() instanceof Jwt.JwksInline(String inline) && !isKeySet(inline)) {
        error(
            "no JSON Web Key Set: an object with a list \"keys\" of one key at least (RFC 7517)",
            "spec",
            "jwt",
            "providers",
            i,
            "jwks",
            "inline");
      }
    }
  }

  private static boolean isKeySet(String text) {
    YamlFile file = YamlReader.read("jwks", text);
    return file.problems().isEmpty()
        && file.documents().size() == 1
        && file.documents().getFirst() instanceof Mapping set
        && set.get("keys").orElse(null) instanceof Sequence(var _, List<YamlNode> keys)
        && !keys.isEmpty()
        && keys.stream().allMatch(key -> key instanceof Mapping map && map.get("kty").isPresent());
  }

  private void error(String message, Object... steps) {
    Place place = manifest.place(steps);
    findings.error(place.at(), place.path(), message);
  }
}
