package dev.weir.control.source.resource;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Ignored;
import dev.weir.control.source.reader.Findings;
import java.util.Map;

/** Reads a {@code ConfigMap}, of which only the texts are of use that a policy names. */
final class ConfigMapReader implements BodyReader<ConfigMapReader.Body> {
  @Ignored({"apiVersion", "kind", "metadata", "immutable", "binaryData"})
  record Body(@Field(value = "Its texts.", max = "65536") Map<String, String> data) {}

  @Override
  public Class<Body> type() {
    return Body.class;
  }

  @Override
  public Resource translate(Manifest manifest, Body body, Findings findings) {
    return new Resource.OfConfigMap(manifest, body.data);
  }
}
