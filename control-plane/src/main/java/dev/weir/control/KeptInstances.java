package dev.weir.control;

import dev.weir.control.model.Addresses;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Workload;
import dev.weir.control.state.KeptState;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The instances that are known, as they are kept: a line with the time, then one for each of them:
 * namespace, service, address, node, ready ports.
 */
final class KeptInstances {
  /** After so long addresses may be others'. */
  private static final Duration LONGEST = Duration.ofHours(1);

  private static final String NAME = "instances";
  private static final int FIELDS = 5;

  private final KeptState state;

  KeptInstances(KeptState state) {
    this.state = state;
  }

  /** Those of a start before that ended a short time ago; a line that is none is passed over. */
  List<Workload> load(Instant now) {
    List<String> lines = state.found().getOrDefault(NAME, "").lines().toList();
    List<Workload> instances = new ArrayList<>();
    if (!lines.isEmpty() && isRecent(lines.getFirst(), now)) {
      lines.stream().skip(1).forEach(line -> read(line, instances));
    }
    return instances;
  }

  private static boolean isRecent(String time, Instant now) {
    try {
      return Duration.between(Instant.parse(time), now).compareTo(LONGEST) < 0;
    } catch (DateTimeParseException strange) {
      return false;
    }
  }

  private static void read(String line, List<Workload> instances) {
    String[] fields = line.split("\t", -1);
    if (fields.length == FIELDS
        && Addresses.isIpv4(fields[2])
        && fields[4].matches("[1-9][0-9]{0,4}(,[1-9][0-9]{0,4})*")) {
      Set<Integer> ports = new HashSet<>();
      Arrays.stream(fields[4].split(",", -1)).map(Integer::valueOf).forEach(ports::add);
      instances.add(
          new Workload(fields[3], new ObjectName(fields[0], fields[1]), fields[2], ports));
    }
  }

  void save(Collection<Workload> instances, Instant now) {
    String text =
        instances.stream()
            .filter(instance -> !instance.readyPorts().isEmpty())
            .map(KeptInstances::line)
            .collect(Collectors.joining("", now + "\n", ""));
    SortedMap<String, String> kept = new TreeMap<>();
    kept.put(NAME, text);
    state.keep(kept);
  }

  private static String line(Workload instance) {
    return String.join(
            "\t",
            instance.service().namespace(),
            instance.service().name(),
            instance.address(),
            instance.id().replaceAll("\\s", " "),
            instance.readyPorts().stream()
                .sorted()
                .map(String::valueOf)
                .collect(Collectors.joining(",")))
        + "\n";
  }
}
