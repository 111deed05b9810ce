package dev.weir.control;

import dev.weir.control.model.Addresses;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Workload;
import dev.weir.control.state.KeptState;
import dev.weir.control.workload.WorkloadRegistry.Known;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The instances that are known, as they are kept, a line each: when it was last known to be there,
 * namespace, service, address, node, ready ports, and "mtls" if its sidecar takes that.
 */
final class KeptInstances {
  /** After so long addresses may be others'. */
  private static final Duration LONGEST = Duration.ofHours(1);

  /** How far another machine's clock may be ahead. */
  private static final Duration AHEAD = Duration.ofMinutes(1);

  private static final String NAME = "instances";
  private static final String MTLS = "mtls";
  private static final int FIELDS = 6;
  private static final int MAX_PORT = 65_535;

  private final KeptState state;

  KeptInstances(KeptState state) {
    this.state = state;
  }

  /** Those that were there a short time ago; a line that is none is passed over. */
  Map<Workload, Instant> load(Instant now) {
    Map<Workload, Instant> instances = new HashMap<>();
    state
        .found()
        .getOrDefault(NAME, "")
        .lines()
        .forEach(line -> {
          String[] fields = line.split("\t", -1);
          if (fields.length >= FIELDS && isRecent(fields[0], now) && isInstance(fields)) {
            instances.put(
                new Workload(
                    fields[4],
                    new ObjectName(fields[1], fields[2]),
                    fields[3],
                    ports(fields[5]),
                    fields.length > FIELDS && fields[FIELDS].equals(MTLS)),
                Instant.parse(fields[0]));
          }
        });
    return instances;
  }

  private static boolean isRecent(String time, Instant now) {
    try {
      Instant at = Instant.parse(time);
      return at.isAfter(now.minus(LONGEST)) && at.isBefore(now.plus(AHEAD));
    } catch (DateTimeParseException strange) {
      return false;
    }
  }

  private static boolean isInstance(String[] fields) {
    return !fields[1].isEmpty()
        && !fields[2].isEmpty()
        && Addresses.isCallable(fields[3])
        && fields[5].matches("[1-9][0-9]{0,4}(,[1-9][0-9]{0,4})*")
        && ports(fields[5]).stream().allMatch(port -> port <= MAX_PORT);
  }

  private static Set<Integer> ports(String text) {
    Set<Integer> ports = new HashSet<>();
    Arrays.stream(text.split(",", -1)).map(Integer::valueOf).forEach(ports::add);
    return ports;
  }

  /** From now on these are known; the list must not change. */
  void save(List<Known> instances) {
    state.keep(() -> {
      String text =
          instances.stream()
              .map(instance -> line(instance.workload(), instance.at()))
              .sorted()
              .collect(Collectors.joining());
      SortedMap<String, String> kept = new TreeMap<>();
      kept.put(NAME, text);
      return kept;
    });
  }

  private static String line(Workload instance, Instant known) {
    return String.join(
            "\t",
            known.toString(),
            instance.service().namespace(),
            instance.service().name(),
            instance.address(),
            instance.id().replaceAll("\\s", " "),
            instance.readyPorts().stream()
                .sorted()
                .map(String::valueOf)
                .collect(Collectors.joining(",")))
        + (instance.mtls() ? "\t" + MTLS : "")
        + "\n";
  }
}
