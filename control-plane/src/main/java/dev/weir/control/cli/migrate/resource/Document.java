package dev.weir.control.cli.migrate.resource;

import dev.weir.control.model.ObjectName;
import dev.weir.protos.FieldPath;
import dev.weir.protos.yaml.YamlNode.Mapping;
import java.util.List;

/** One resource of the files. */
public record Document(String apiVersion, String kind, ObjectName name, Mapping root) {
  /** Empty for the core group. */
  public String group() {
    int slash = apiVersion.indexOf('/');
    return slash < 0 ? "" : apiVersion.substring(0, slash);
  }

  /** Whether it is of this kind, in whatever version. */
  public boolean is(String group, String kind) {
    return group().equals(group) && this.kind.equals(kind);
  }

  /** {@code metadata} or {@code spec}, to be read once; without fields if it is not there. */
  public Fields fields(String part, Report report) {
    Mapping mapping =
        root.get(part).orElse(null) instanceof Mapping map
            ? map
            : new Mapping(root.at(), List.of());
    return new Fields(mapping, FieldPath.ROOT.field(part), report);
  }
}
