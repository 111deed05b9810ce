package dev.weir.sidecar.xds.store;

import java.util.Collection;
import java.util.SortedSet;

/** The destinations that a sidecar asks its control plane for. Control thread. */
public interface Demands {
  /** What is asked for, by name, in a set that does not change any more. */
  SortedSet<String> wanted();

  /**
   * The control plane has answered.
   *
   * @param present where services are
   * @param absent where none is
   */
  void answered(Collection<String> present, Collection<String> absent);

  /** {@code changed} is run, on the control thread, when {@link #wanted} is another one. */
  void onChange(Runnable changed);
}
