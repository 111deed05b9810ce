package dev.weir.control.link;

import dev.weir.control.source.Source;
import dev.weir.control.source.Unit;
import dev.weir.control.source.reader.Finding;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All sources together: what refers to another resource finds it in any of them, and what two of
 * them claim is one's. One thread at a time.
 */
public final class Sources {
  private final List<Source> sources;
  private final History history;
  private SortedMap<String, Unit> seen = new TreeMap<>();
  private Linked linked = Linked.NOTHING;
  private boolean first = true;

  /**
   * @param zone in which people read times
   */
  public Sources(List<? extends Source> sources, ZoneId zone) {
    this.sources = List.copyOf(sources);
    this.history = new History(zone);
    SortedMap<String, Unit> restored = new TreeMap<>();
    sources.forEach(source -> restored.putAll(source.restored()));
    history.restore(restored);
  }

  /** What is in force, after a look at each; about a place that cannot be read nothing changes. */
  public Linked scan() {
    SortedMap<String, Unit> units = new TreeMap<>();
    List<Finding> about = new ArrayList<>();
    List<SortedMap<String, ? extends Unit>> ofSources = new ArrayList<>();
    for (Source source : sources) {
      Source.Look look = source.look();
      units.putAll(look.units());
      about.addAll(look.findings());
      ofSources.add(look.units());
    }
    if (first || !same(units)) {
      first = false;
      seen = units;
      linked = history.advance(units);
      for (int i = 0; i < sources.size(); i++) {
        keep(sources.get(i), ofSources.get(i));
      }
    }
    if (about.isEmpty()) {
      return linked;
    }
    about.addAll(linked.findings());
    return linked.with(about);
  }

  private void keep(Source source, Map<String, ? extends Unit> units) {
    List<Unit> inForce = new ArrayList<>();
    history
        .inForce()
        .forEach((name, unit) -> {
          if (units.containsKey(name)) {
            inForce.add(unit);
          }
        });
    source.inForce(inForce);
  }

  private boolean same(Map<String, Unit> units) {
    return seen.size() == units.size()
        && units.entrySet().stream()
            .allMatch(entry -> entry.getValue().same(seen.get(entry.getKey())));
  }
}
