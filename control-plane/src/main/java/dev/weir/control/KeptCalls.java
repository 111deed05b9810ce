package dev.weir.control;

import dev.weir.control.model.ObjectName;
import dev.weir.control.state.KeptState;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the apps of services call, as it is kept, a line for each service: namespace, name, the
 * names of destinations. So a sidecar that comes first after a start is told of what another one
 * asked.
 */
final class KeptCalls {
  private static final String NAME = "called";

  private KeptCalls() {}

  /** A line that is none is passed over. */
  static Map<ObjectName, List<String>> load(KeptState state) {
    return state
        .found()
        .getOrDefault(NAME, "")
        .lines()
        .map(line -> Arrays.asList(line.split("\t", -1)))
        .filter(fields -> fields.size() > 2)
        .collect(
            Collectors.toMap(
                fields -> new ObjectName(fields.get(0), fields.get(1)),
                fields -> List.copyOf(fields.subList(2, fields.size())),
                (one, other) -> other));
  }

  /** From now on this is what they call; nothing of it may change. */
  static void save(Map<ObjectName, List<String>> called, KeptState state) {
    state.keep(() -> {
      String text =
          called.entrySet().stream()
              .map(entry -> line(entry.getKey(), entry.getValue()))
              .sorted()
              .collect(Collectors.joining());
      SortedMap<String, String> kept = new TreeMap<>();
      kept.put(NAME, text);
      return kept;
    });
  }

  private static String line(ObjectName service, List<String> names) {
    return service.namespace() + "\t" + service.name() + "\t" + String.join("\t", names) + "\n";
  }
}
