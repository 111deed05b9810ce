package dev.weir.control.link;

import dev.weir.control.model.MeshModel;
import dev.weir.control.source.reader.Finding;
import java.util.List;
import java.util.Map;

/**
 * A consistent model, and what was left out of it.
 *
 * @param owners who has what only one may have, for the next time
 */
public record Linked(MeshModel model, List<Finding> findings, Map<String, String> owners) {
  public static final Linked NOTHING = new Linked(MeshModel.EMPTY, List.of(), Map.of());

  public Linked {
    findings = List.copyOf(findings);
    owners = Map.copyOf(owners);
  }

  /** The same with other findings. */
  public Linked with(List<Finding> others) {
    return new Linked(model, others, owners);
  }
}
