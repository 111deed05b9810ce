package dev.weir.control.model;

import java.util.Comparator;

/** A ready instance of one port of a service. */
public record Endpoint(String address, int port) implements Comparable<Endpoint> {
  private static final Comparator<Endpoint> ORDER =
      Comparator.comparing(Endpoint::address).thenComparingInt(Endpoint::port);

  @Override
  public int compareTo(Endpoint other) {
    return ORDER.compare(this, other);
  }
}
