package dev.weir.sidecar.dns;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What came of looking up a name. */
sealed interface Answer {
  /**
   * There are these addresses, or there are none: NXDOMAIN, or a name without an address.
   *
   * @param addresses IP literals, each once, in the order of the answer
   * @param ttl the shortest of theirs, in whole seconds; zero if there is none to go by
   */
  record Found(List<String> addresses, Duration ttl) implements Answer {
    public Found {
      addresses = List.copyOf(new LinkedHashSet<>(addresses));
    }
  }

  /** Nobody knows: no server answered, or none would. */
  record Failed(String reason) implements Answer {}

  default boolean hasAddresses() {
    return this instanceof Found(List<String> addresses, Duration _) && !addresses.isEmpty();
  }

  /**
   * This and {@code other} about the same name. What was found counts, though the other failed: a
   * network without one of the families may fail to answer for it for ever.
   */
  default Answer and(Answer other) {
    if (!hasAddresses() && !other.hasAddresses()) {
      return this instanceof Failed ? this : other;
    }
    if (!(hasAddresses() && other.hasAddresses())) {
      return hasAddresses() ? this : other;
    }
    Found first = (Found) this;
    Found second = (Found) other;
    Set<String> all = new LinkedHashSet<>(first.addresses());
    all.addAll(second.addresses());
    return new Found(
        new ArrayList<>(all), first.ttl().compareTo(second.ttl()) < 0 ? first.ttl() : second.ttl());
  }
}
