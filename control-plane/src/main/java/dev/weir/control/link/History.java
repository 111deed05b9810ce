package dev.weir.control.link;

import dev.weir.control.source.Unit;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.Resource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which version of each unit is in force. One that is broken, or whose change does not fit the
 * others, stays at the version before; a broken one without that contributes what is right in it.
 * Of two that cannot both hold, the one stays that was in force. Not thread-safe.
 */
final class History {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

  private final ZoneId zone;
  private Map<String, Unit> inForce = Map.of();
  private Linked last = Linked.NOTHING;

  History(ZoneId zone) {
    this.zone = zone;
  }

  /** Begins with what was in force before this program began. */
  void restore(SortedMap<String, Unit> versions) {
    inForce = versions;
    last = link(versions);
  }

  /** The version of each unit that is in force, by name. */
  Map<String, Unit> inForce() {
    return Collections.unmodifiableMap(inForce);
  }

  /** Takes over what it can of {@code current}. */
  Linked advance(SortedMap<String, Unit> current) {
    List<Finding> findings = new ArrayList<>();
    SortedMap<String, Unit> candidate = new TreeMap<>();
    current.forEach((name, version) -> {
      Unit before = inForce.get(name);
      boolean keep = !version.right() && before != null;
      candidate.put(name, keep ? before : version);
      version.findings().forEach(finding -> findings.add(consequence(finding, version, before)));
    });
    Linked linked = link(candidate);
    for (Set<String> misfits = misfits(linked, candidate);
        !misfits.isEmpty();
        misfits = misfits(linked, candidate)) {
      for (Finding finding : linked.findings()) {
        Unit before = inForce.get(finding.at().file());
        if (misfits.contains(finding.at().file()) && before != null) {
          findings.add(stillInForce(finding, before));
        }
      }
      misfits.forEach(name -> candidate.put(name, inForce.get(name)));
      linked = link(candidate);
    }
    findings.addAll(linked.findings());
    inForce = candidate;
    last = linked;
    return linked.with(findings.stream().distinct().sorted().toList());
  }

  /** Those that changed, do not fit, and have a version to go back to. */
  private Set<String> misfits(Linked linked, Map<String, Unit> candidate) {
    return linked.findings().stream()
        .filter(Finding::isError)
        .map(finding -> finding.at().file())
        .filter(name -> {
          Unit before = inForce.get(name);
          return before != null && !before.same(candidate.get(name));
        })
        .collect(Collectors.toSet());
  }

  private Finding consequence(Finding finding, Unit version, @Nullable Unit before) {
    return !finding.isError() || before == null || version.same(before)
        ? finding
        : stillInForce(finding, before);
  }

  private Finding stillInForce(Finding finding, Unit before) {
    return finding.adding(
        "Still in force: the version of %s.".formatted(TIME.format(before.readAt().atZone(zone))));
  }

  private Linked link(SortedMap<String, Unit> versions) {
    List<Resource> resources = new ArrayList<>();
    versions.values().forEach(version -> resources.addAll(version.resources()));
    return Linker.link(resources, last);
  }
}
