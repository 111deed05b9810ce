package dev.weir.control.model;

import java.util.Comparator;

/**
 * A ready instance of one port of a service.
 *
 * @param mtls whether the sidecar beside it speaks mutual TLS
 */
public record Endpoint(String address, int port, boolean mtls) implements Comparable<Endpoint> {
  private static final Comparator<Endpoint> ORDER =
      Comparator.comparing(Endpoint::address)
          .thenComparingInt(Endpoint::port)
          .thenComparing(Endpoint::mtls);

  /** One in plain text. */
  public Endpoint(String address, int port) {
    this(address, port, false);
  }

  @Override
  public int compareTo(Endpoint other) {
    return ORDER.compare(this, other);
  }
}
