package dev.weir.control.source;

import dev.weir.control.model.MeshModel;
import dev.weir.control.source.reader.Finding;
import java.util.List;

/** A consistent model, and what was left out of it. */
public record Linked(MeshModel model, List<Finding> findings) {
  public Linked {
    findings = List.copyOf(findings);
  }
}
