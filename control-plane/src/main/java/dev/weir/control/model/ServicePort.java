package dev.weir.control.model;

import java.util.Comparator;

/** A service's port by number: what a call is made to and what endpoints are kept for. */
public record ServicePort(ObjectName service, int port) implements Comparable<ServicePort> {
  private static final Comparator<ServicePort> ORDER =
      Comparator.comparing(ServicePort::service).thenComparingInt(ServicePort::port);

  @Override
  public int compareTo(ServicePort other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return service + ":" + port;
  }
}
