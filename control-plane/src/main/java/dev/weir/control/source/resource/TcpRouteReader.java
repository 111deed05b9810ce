package dev.weir.control.source.resource;

import dev.weir.control.model.StreamRoute;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.source.reader.Findings;
import java.util.Collections;
import java.util.List;

/** Reads a gateway.networking.k8s.io/v1 {@code TCPRoute} bound to Services. */
final class TcpRouteReader implements BodyReader<TcpRouteReader.Body> {
  @Ignored({"apiVersion", "kind", "metadata", "status"})
  record Body(@Field("The route.") Spec spec) {}

  @Planned("useDefaultGateways: name a Service in parentRefs")
  record Spec(
      @Field(value = "What it is bound to.", min = "1", max = "32")
          List<RouteParts.Parent> parentRefs,
      @Field(value = "One.", min = "1", max = "1") List<StreamRouteParts.Rule> rules) {}

  @Override
  public Class<Body> type() {
    return Body.class;
  }

  @Override
  public Resource translate(Manifest manifest, Body body, Findings findings) {
    return StreamRouteParts.translate(
        manifest,
        StreamRoute.Kind.TCP,
        body.spec.parentRefs,
        Collections.emptySortedSet(),
        body.spec.rules,
        findings);
  }
}
