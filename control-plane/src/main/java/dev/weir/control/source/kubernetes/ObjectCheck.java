package dev.weir.control.source.kubernetes;

import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.SchemaReader.Unknown;
import dev.weir.control.source.resource.DocumentReader;
import dev.weir.protos.Location;
import dev.weir.protos.yaml.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Says what is wrong with an object by itself, as {@code weir check} does. Any thread. */
public final class ObjectCheck {
  private ObjectCheck() {}

  /**
   * What is wrong with it; whether what it refers to is there, only the mesh as a whole knows.
   *
   * @param object as the API server has it
   */
  public static List<Finding> findings(Map<String, Object> object) {
    Map<String, Object> document = new LinkedHashMap<>(object);
    document.remove("status");
    List<Finding> findings = new ArrayList<>();
    new DocumentReader(findings, Unknown.REFUSED).read(Json.node(document, Location.of("")));
    return findings;
  }
}
