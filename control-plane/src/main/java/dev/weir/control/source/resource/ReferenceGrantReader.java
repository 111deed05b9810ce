package dev.weir.control.source.resource;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import dev.weir.control.source.reader.Findings;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a gateway.networking.k8s.io {@code ReferenceGrant}. What it allows of kinds that a mesh
 * does not read is another's concern.
 */
final class ReferenceGrantReader implements BodyReader<ReferenceGrantReader.Body> {
  @Ignored({"apiVersion", "kind", "metadata"})
  record Body(@Field("What is allowed.") Spec spec) {}

  record Spec(
      @Field(value = "Any of these may refer", min = "1", max = "16") List<From> from,
      @Field(value = "to any of these.", min = "1", max = "16") List<To> to) {}

  record From(
      @Field(value = "gateway.networking.k8s.io for routes.", max = "253") String group,
      @Field(value = "A kind of route.", min = "1", max = "63") String kind,
      @Field(
              value = "Where it lives.",
              min = "1",
              max = "63",
              pattern = ObjectName.LABEL_PATTERN,
              otherwise = ObjectName.OTHERWISE)
          String namespace) {}

  record To(
      @Field(value = "Empty for a Service.", max = "253") String group,
      @Field(value = "Service.", min = "1", max = "63") String kind,
      @Field(value = "Unset: any of the grant's namespace.", min = "1", max = "253")
          @Nullable String name) {}

  @Override
  public Class<Body> type() {
    return Body.class;
  }

  @Override
  public Resource translate(Manifest manifest, Body body, Findings findings) {
    return new Resource.OfGrant(
        manifest,
        body.spec.from.stream()
            .map(from -> new Resource.Referrer(from.group, from.kind, from.namespace))
            .toList(),
        body.spec.to.stream()
            .map(to -> new Resource.Referent(to.group, to.kind, Optional.ofNullable(to.name)))
            .toList());
  }
}
