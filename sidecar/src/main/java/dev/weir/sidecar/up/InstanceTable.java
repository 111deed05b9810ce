package dev.weir.sidecar.up;

import dev.weir.cli.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code weir ps} shows. */
final class InstanceTable {
  private InstanceTable() {}

  /**
   * A line each.
   *
   * @param running by name
   * @param ended their statuses, by name
   * @param states of those that run
   */
  static List<String> lines(
      List<Service> services,
      Map<String, Instance> running,
      Map<String, Integer> ended,
      Map<Instance, Progress.State> states) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("NAME", "SERVICE", "STATE", "PID", "PORTS"));
    for (Service service : services) {
      for (String name : service.instances()) {
        Optional<Instance> instance = Optional.ofNullable(running.get(name));
        rows.add(
            List.of(
                name,
                service.name(),
                instance
                    .flatMap(one -> Optional.ofNullable(states.get(one)))
                    .map(Progress.State::text)
                    .orElse(
                        ended.containsKey(name) ? "ended with status " + ended.get(name) : "waits"),
                instance.map(one -> Long.toString(one.pid())).orElse(""),
                String.join(" ", service.ports().stream().map(Object::toString).toList())));
      }
    }
    return Table.lines(rows);
  }
}
