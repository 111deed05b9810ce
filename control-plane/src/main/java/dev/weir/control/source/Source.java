package dev.weir.control.source;

import dev.weir.control.source.reader.Finding;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;

/** One place that resources come from. One thread at a time. */
public interface Source {
  /**
   * What is there now.
   *
   * @param units by their names
   * @param findings about the place itself; while it cannot be read, its units are those of before
   */
  record Look(SortedMap<String, ? extends Unit> units, List<Finding> findings) {
    public Look {
      findings = List.copyOf(findings);
    }
  }

  /** What was in force of it when the program last ran, before the first look. */
  SortedMap<String, ? extends Unit> restored();

  Look look();

  /** These of its units are in force now, and no others. */
  void inForce(Collection<? extends Unit> units);
}
