package dev.weir.control.link;

import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.ConfigMapKey;
import dev.weir.control.model.Jwt;
import dev.weir.control.model.ObjectName;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.CertificateBundles;
import dev.weir.control.source.resource.KeySets;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import dev.weir.protos.Nearest;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the texts that policies name in ConfigMaps. What is wrong with one is told of the policy:
 * at its place where it never was right, else at that of the ConfigMap, which is what has changed.
 */
final class ConfigMapTexts {
  /** What a text is to be. */
  private enum Wanted {
    /** One that is gone is what it was: nobody has said that its keys are not to be trusted. */
    KEY_SET(65536, "; the keys that it had still hold") {
      @Override
      Optional<String> wrong(String text) {
        return KeySets.wrong(text);
      }
    },
    /** Without them nobody is trusted, as Gateway API has it. */
    CERTIFICATES(262144, "") {
      @Override
      Optional<String> wrong(String text) {
        return CertificateBundles.isOne(text)
            ? Optional.empty()
            : Optional.of(CertificateBundles.WANTED);
      }
    };

    private final int longest;
    private final String stillHolds;

    Wanted(int longest, String stillHolds) {
      this.longest = longest;
      this.stillHolds = stillHolds;
    }

    /** What it is instead; empty: it is right. */
    abstract Optional<String> wrong(String text);
  }

  private final Map<ObjectName, Resource.OfConfigMap> maps = new TreeMap<>();
  private final Map<ConfigMapKey, String> before;
  private final List<Finding> findings;
  private final SortedMap<ConfigMapKey, String> texts = new TreeMap<>();

  /**
   * @param before what held the time before
   */
  ConfigMapTexts(
      List<Resource> resources, Map<ConfigMapKey, String> before, List<Finding> findings) {
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfConfigMap of) {
        maps.put(of.manifest().name(), of);
      }
    }
    this.before = before;
    this.findings = findings;
  }

  /** Those that hold. */
  SortedMap<ConfigMapKey, String> texts() {
    return Collections.unmodifiableSortedMap(texts);
  }

  /** The policy without its {@code jwt} where keys are missing that never were there. */
  AuthenticationSpec complete(Manifest manifest, AuthenticationSpec spec) {
    List<Jwt.Provider> providers = spec.jwt() == null ? List.of() : spec.jwt().providers();
    boolean complete = true;
    for (int i = 0; i < providers.size(); i++) {
      if (providers.get(i).jwks() instanceof Jwt.JwksConfigMap(Jwt.ConfigMapRef ref)) {
        complete &=
            find(
                    manifest,
                    manifest.place("spec", "jwt", "providers", i, "jwks", "configMapRef"),
                    ref.in(manifest.name().namespace()),
                    Wanted.KEY_SET)
                .isPresent();
      }
    }
    return complete ? spec : spec.only(Collections.singleton("mtls"));
  }

  /** The certificates that entry {@code index} of a BackendTLSPolicy's refs leads to. */
  Optional<String> certificates(Manifest policy, int index, ObjectName map) {
    return find(
        policy,
        policy.place("spec", "validation", "caCertificateRefs", index),
        new ConfigMapKey(map, Resource.OfBackendTls.KEY),
        Wanted.CERTIFICATES);
  }

  private Optional<String> find(Manifest policy, Place named, ConfigMapKey key, Wanted wanted) {
    Resource.OfConfigMap map = maps.get(key.map());
    String text = map == null ? null : map.data().get(key.key());
    String old = before.get(key);
    Optional<String> wrong = wrong(key, map, text, wanted);
    if (wrong.isPresent()) {
      findings.add(
          Finding.error(
              old != null && map != null
                  ? map.manifest().place("data", key.key()).at()
                  : named.at(),
              policy.resource(),
              named.path().toString(),
              wrong.get() + (old == null ? "" : wanted.stillHolds)));
      text = wanted == Wanted.KEY_SET ? old : null;
    }
    if (text != null) {
      texts.put(key, text);
    }
    return Optional.ofNullable(text);
  }

  /** The policy's namespace is where it has to be. */
  private String hint(ObjectName missing) {
    return maps.keySet().stream()
        .filter(name -> name.name().equals(missing.name()))
        .findFirst()
        .map(name -> "; " + name + " is of another namespace than the policy")
        .orElseGet(() -> Hints.of(missing, maps.keySet()));
  }

  private Optional<String> wrong(
      ConfigMapKey key, Resource.@Nullable OfConfigMap map, @Nullable String text, Wanted wanted) {
    if (map == null) {
      return Optional.of("ConfigMap " + key.map() + " does not exist" + hint(key.map()));
    }
    if (text == null) {
      return Optional.of(
          "ConfigMap %s has no key \"%s\" in its data%s"
              .formatted(
                  key.map(),
                  key.key(),
                  Nearest.hint(key.key(), new TreeSet<>(map.data().keySet()))));
    }
    if (text.length() > wanted.longest) {
      return Optional.of(
          "the %s has %d characters; up to %d are read"
              .formatted(key, text.length(), wanted.longest));
    }
    return wanted.wrong(text).map(what -> "the " + key + " is " + what);
  }
}
