package dev.weir.sidecar.xds;

import dev.weir.sidecar.log.Level;
import dev.weir.sidecar.log.Log;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells of each resource once why it is refused: servers there are that send what was refused again
 * at once, for as long as it is. Control thread.
 */
final class ToldRefusals {
  /** Of more resources it is forgotten what was told. */
  private static final int MOST = 1000;

  private final Log log;
  private final Map<String, String> told = new HashMap<>();

  ToldRefusals(Log log) {
    this.log = log;
  }

  /**
   * What became of a response.
   *
   * @param refused is told, unless it was when the resource last came
   * @param came what was in it; what of that is taken is told anew if it is refused again
   */
  void tell(ResourceType type, Collection<Refused> refused, Collection<Resource> came) {
    Set<String> names = refused.stream().map(Refused::name).collect(Collectors.toSet());
    for (Resource resource : came) {
      if (!names.contains(resource.name())) {
        told.remove(type + "/" + resource.name());
      }
    }
    for (Refused each : refused) {
      if (told.size() >= MOST) {
        told.clear();
      }
      String line = each.toString();
      if (!line.equals(told.put(type + "/" + each.name(), line))) {
        log.say(
            Level.WARNING,
            "xds: refused " + line + ". The last good one stays in force.",
            Map.of("type", type.toString(), "resource", each.name()));
      }
    }
  }
}
