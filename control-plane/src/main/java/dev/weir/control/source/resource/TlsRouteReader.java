package dev.weir.control.source.resource;

import dev.weir.control.model.Addresses;
import dev.weir.control.model.StreamRoute;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Reads a gateway.networking.k8s.io/v1 {@code TLSRoute} bound to Services. */
final class TlsRouteReader implements BodyReader<TlsRouteReader.Body> {
  private static final Pattern HOSTNAME =
      Pattern.compile("(\\*[.])?[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  @Ignored({"apiVersion", "kind", "metadata", "status"})
  record Body(@Field("The route.") Spec spec) {}

  @Planned("useDefaultGateways: name a Service in parentRefs")
  record Spec(
      @Field(value = "What it is bound to.", min = "1", max = "32")
          List<RouteParts.Parent> parentRefs,
      @Field(value = "What clients name by SNI.", min = "1", max = "1024") List<String> hostnames,
      @Field(value = "One.", min = "1", max = "1") List<StreamRouteParts.Rule> rules) {}

  @Override
  public Class<Body> type() {
    return Body.class;
  }

  @Override
  public Resource translate(Manifest manifest, Body body, Findings findings) {
    SortedSet<String> hostnames = new TreeSet<>();
    for (int i = 0; i < body.spec.hostnames.size(); i++) {
      String hostname = body.spec.hostnames.get(i);
      if (Addresses.isIpv4(hostname) || !HOSTNAME.matcher(hostname).matches()) {
        Place place = manifest.place("spec", "hostnames", i);
        findings.error(
            place.at(),
            place.path(),
            "\"%s\" is not what a client names: a host in lower case, as db.example.com, or *. before one"
                .formatted(hostname));
      }
      hostnames.add(hostname);
    }
    return StreamRouteParts.translate(
        manifest, StreamRoute.Kind.TLS, body.spec.parentRefs, hostnames, body.spec.rules, findings);
  }
}
