package dev.weir.control.source.resource;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.StreamRoute;
import dev.weir.control.model.schema.Field;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.resource.Manifest.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What {@code TCPRoute} and {@code TLSRoute} have in common. */
final class StreamRouteParts {
  private StreamRouteParts() {}

  record Rule(
      @Field(value = "Of no effect.", min = "1", max = "253") @Nullable String name,
      @Field(value = "Where connections go.", min = "1", max = "16")
          List<BackendRef> backendRefs) {}

  record BackendRef(
      @Field(value = "Empty for a Service.", defaultsTo = "''") String group,
      @Field(value = "Service.", defaultsTo = "Service") String kind,
      @Field(
              value = "The route's, if unset.",
              min = "1",
              max = "63",
              pattern = ObjectName.LABEL_PATTERN,
              otherwise = ObjectName.OTHERWISE)
          @Nullable String namespace,
      @Field(value = "The service.", min = "1") String name,
      @Field(value = "Its port.", min = "1", max = "65535") int port,
      @Field(value = "Its share of the sum.", defaultsTo = "1", max = "1000000") int weight)
      implements ServiceRef {}

  /** {@code rules} has one, as Gateway API wants it. */
  static Resource translate(
      Manifest manifest,
      StreamRoute.Kind kind,
      List<RouteParts.Parent> parentRefs,
      SortedSet<String> hostnames,
      List<Rule> rules,
      Findings findings) {
    return new Resource.OfStreamRoute(
        manifest,
        new StreamRoute(
            kind,
            manifest.name(),
            manifest.created(),
            new TreeSet<>(),
            hostnames,
            backends(manifest, rules.getFirst().backendRefs, findings)),
        RouteParts.parents(manifest, parentRefs, findings));
  }

  private static List<StreamRoute.Backend> backends(
      Manifest manifest, List<BackendRef> written, Findings findings) {
    List<StreamRoute.Backend> backends = new ArrayList<>();
    for (int i = 0; i < written.size(); i++) {
      BackendRef backend = written.get(i);
      Place place = manifest.place("spec", "rules", 0, "backendRefs", i);
      backends.add(
          new StreamRoute.Backend(backend.target(manifest, place, findings), backend.weight));
    }
    return backends;
  }
}
