package dev.weir.control.model;

import java.util.Comparator;

/**
 * A ready instance of one port of a service.
 *
 * @param mtls whether the sidecar beside it speaks mutual TLS
 * @param zone where it is, for callers that keep to theirs; empty: that is not known, or of no
 *     account
 */
public record Endpoint(String address, int port, boolean mtls, String zone)
    implements Comparable<Endpoint> {
  private static final Comparator<Endpoint> ORDER =
      Comparator.comparing(Endpoint::address)
          .thenComparingInt(Endpoint::port)
          .thenComparing(Endpoint::mtls)
          .thenComparing(Endpoint::zone);

  public Endpoint(String address, int port, boolean mtls) {
    this(address, port, mtls, "");
  }

  /** One in plain text. */
  public Endpoint(String address, int port) {
    this(address, port, false);
  }

  /** The same for callers of all zones alike. */
  public Endpoint anywhere() {
    return zone.isEmpty() ? this : new Endpoint(address, port, mtls);
  }

  @Override
  public int compareTo(Endpoint other) {
    return ORDER.compare(this, other);
  }
}
