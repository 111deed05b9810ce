package dev.weir.control.source.resource;

import dev.weir.control.model.Addresses;
import dev.weir.control.model.ExternalName;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a Service says of type ExternalName. */
final class ExternalNames {
  /** Whether routes may name such a Service as a backend. */
  static final String ROUTE_BACKEND = "weir.dev/route-backend";

  private static final String ALLOWED = "allowed";
  private static final String LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
  private static final Pattern DNS_NAME =
      Pattern.compile(LABEL + "(?:\\." + LABEL + ")*\\.?", Pattern.CASE_INSENSITIVE);

  private ExternalNames() {}

  /**
   * Where it leads, if it is of that type and says so.
   *
   * @param external whether it is
   * @param written its externalName
   */
  static Optional<ExternalName> of(
      Manifest manifest, boolean external, Optional<String> written, Findings findings) {
    boolean backend = routeBackend(manifest, external, findings);
    String name = written.orElse("");
    if (!external) {
      if (!name.isEmpty()) {
        error(manifest, findings, "is for a Service of type ExternalName", "externalName");
      }
      return Optional.empty();
    }
    if (name.isEmpty()) {
      error(manifest, findings, "ExternalName needs an externalName, as api.example.com", "type");
      return Optional.empty();
    }
    if (Addresses.isIpv4(name) || !DNS_NAME.matcher(name).matches()) {
      error(
          manifest,
          findings,
          "\""
              + name
              + "\" is not a name in DNS, as api.example.com; for an address, write a Service with"
              + " an EndpointSlice",
          "externalName");
      return Optional.empty();
    }
    if (manifest.has("spec", "clusterIP")) {
      error(manifest, findings, "is not for a Service of type ExternalName", "clusterIP");
    }
    return Optional.of(new ExternalName(name, backend));
  }

  private static boolean routeBackend(Manifest manifest, boolean external, Findings findings) {
    String written = manifest.annotations().getOrDefault(ROUTE_BACKEND, "");
    if (!written.isEmpty() && !(external && written.equals(ALLOWED))) {
      Place place = manifest.place("metadata", "annotations", ROUTE_BACKEND);
      findings.error(
          place.at(),
          place.path(),
          external
              ? "\"" + written + "\" is not \"" + ALLOWED + "\""
              : "is for a Service of type ExternalName; any other may be a backend");
    }
    return written.equals(ALLOWED);
  }

  private static void error(Manifest manifest, Findings findings, String message, String field) {
    Place place = manifest.place("spec", field);
    findings.error(place.at(), place.path(), message);
  }
}
