package dev.weir.control.server.subscription;

import com.google.common.collect.Interner;
import com.google.common.collect.Interners;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Names in order, in an array alone. Those who want the same share one: a mesh has as many of these
 * as it has streams, of as many names as it has services, and an event looks into all of them.
 * Immutable.
 */
public final class NameSet {
  private static final Interner<NameSet> SHARED = Interners.newWeakInterner();

  static final NameSet EMPTY = new NameSet(new String[0]);

  private final String[] names;
  private final int hash;

  private NameSet(String[] names) {
    this.names = names;
    this.hash = Arrays.hashCode(names);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NameSet set && hash == set.hash && Arrays.equals(names, set.names);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** With {@code added}, each as {@code shared} gives it, so that equal names are one object. */
  NameSet with(Collection<String> added, UnaryOperator<String> shared) {
    TreeSet<String> all = new TreeSet<>(Arrays.asList(names));
    boolean more = false;
    for (String name : added) {
      more |= !contains(name) && all.add(shared.apply(name));
    }
    return more ? SHARED.intern(new NameSet(all.toArray(String[]::new))) : this;
  }

  NameSet without(Predicate<String> removed) {
    String[] left = Arrays.stream(names).filter(Predicate.not(removed)).toArray(String[]::new);
    return left.length == names.length ? this : SHARED.intern(new NameSet(left));
  }

  boolean contains(String name) {
    return Arrays.binarySearch(names, name) >= 0;
  }

  public List<String> all() {
    return Arrays.asList(names);
  }

  int size() {
    return names.length;
  }
}
