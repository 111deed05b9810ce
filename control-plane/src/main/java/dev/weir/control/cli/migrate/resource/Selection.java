package dev.weir.control.cli.migrate.resource;

import dev.weir.control.model.ObjectName;
import java.util.List;

/**
 * The Services whose instances have certain labels.
 *
 * @param whole all of their instances do
 * @param part some may, and others need not
 * @param unknown their selectors say nothing of such labels
 */
public record Selection(List<ObjectName> whole, List<ObjectName> part, List<ObjectName> unknown) {
  public Selection {
    whole = List.copyOf(whole);
    part = List.copyOf(part);
    unknown = List.copyOf(unknown);
  }
}
