package dev.weir.control.server.telemetry;

import dev.weir.control.compile.ServiceGroup;
import dev.weir.control.model.ObjectName;
import dev.weir.control.server.Guests.Guest;
import dev.weir.control.traffic.Edge;
import dev.weir.control.traffic.Reporter;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which edges are one's own to tell of, where one has proved who one is: the calls that it makes,
 * and those that come to its services. Immutable.
 */
final class OwnEdges {
  private final boolean proven;
  private final String account;
  private final Set<String> services;

  OwnEdges(Guest guest) {
    this.proven = guest.isProven();
    this.account = guest.proxy().account().toString();
    this.services =
        ServiceGroup.members(guest.proxy().service()).stream()
            .map(ObjectName::toString)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** What has no name, and what is no service, is nobody's. */
  boolean has(Edge edge, Reporter reporter) {
    if (!proven) {
      return true;
    }
    return switch (reporter) {
      case SOURCE -> edge.source().equals(account) || isOthers(edge.source());
      case DESTINATION ->
          services.contains(edge.destination())
              || isOthers(edge.destination())
              || edge.destination().equals("unknown/unknown")
              || !edge.destination().contains("/");
    };
  }

  private static boolean isOthers(String name) {
    return name.equals(Edge.OTHERS.source());
  }

  /** A breaker is the caller's, whoever is called. */
  String account() {
    return account;
  }
}
