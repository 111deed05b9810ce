package dev.weir.control.link;

import dev.weir.control.source.resource.Manifest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What only one may have: a name, an address, a section of a target. Who had it keeps it as long as
 * it is there, so that nothing new throws out what is in force; else it is the first one's.
 */
final class Claims {
  private final Map<String, String> before;
  private final Map<String, Claim> claims = new HashMap<>();

  private record Claim(String owner, Manifest manifest) {}

  /** {@code before} are the {@link #owners()} of the time before. */
  Claims(Map<String, String> before) {
    this.before = before;
  }

  /** Comes first, for everyone: who had it takes it. */
  void renew(String what, String owner, Manifest manifest) {
    if (owner.equals(before.get(what))) {
      claims.putIfAbsent(what, new Claim(owner, manifest));
    }
  }

  /** Takes it; when it is another's, that one's manifest. */
  Optional<Manifest> take(String what, String owner, Manifest manifest) {
    Claim claim = claims.computeIfAbsent(what, key -> new Claim(owner, manifest));
    return claim.manifest.equals(manifest) ? Optional.empty() : Optional.of(claim.manifest);
  }

  Map<String, String> owners() {
    Map<String, String> owners = new TreeMap<>();
    claims.forEach((what, claim) -> owners.put(what, claim.owner));
    return owners;
  }
}
