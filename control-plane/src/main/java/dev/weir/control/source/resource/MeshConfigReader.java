package dev.weir.control.source.resource;

import dev.weir.control.model.MeshConfig;
import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import dev.weir.control.source.reader.Findings;

/** Reads a weir.dev/v1alpha1 {@code MeshConfig}. */
final class MeshConfigReader implements BodyReader<MeshConfigReader.Body> {
  @Ignored({"apiVersion", "kind", "metadata", "status"})
  record Body(@Field("What holds for the mesh as a whole.") MeshConfig spec) {}

  @Override
  public Class<Body> type() {
    return Body.class;
  }

  @Override
  public Resource translate(Manifest manifest, Body body, Findings findings) {
    return new Resource.OfMeshConfig(manifest, body.spec);
  }
}
