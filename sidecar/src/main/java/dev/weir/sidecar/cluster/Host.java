package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Endpoint;
import dev.weir.sidecar.filter.UpstreamHost;
import dev.weir.sidecar.runtime.SocketAddresses;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * One endpoint of a live cluster. Its identity is its pools'; facts from discovery are replaced in
 * place. Any thread.
 */
public final class Host implements UpstreamHost {
  /** How long one that could not be reached is chosen only if there is no other. */
  private static final long UNREACHABLE_NANOS = 500_000_000L;

  /** Where it is, in the two ways that it is asked for. */
  private record Place(java.net.SocketAddress socketAddress, String text) {
    static Place of(SocketAddress address) {
      return new Place(SocketAddresses.of(address), address.toString());
    }
  }

  private volatile Place place;
  private final PaddedCounter active = new PaddedCounter();
  private volatile Endpoint endpoint;
  private volatile boolean removed;
  private volatile Map<Object, Object> states = Map.of();
  private volatile boolean unreachable;
  private volatile long unreachableSince;

  /** Consecutive failures, and what the outlier detector keeps about this host. */
  final OutlierState outlier = new OutlierState();

  Host(Endpoint endpoint) {
    this.endpoint = endpoint;
    this.place = Place.of(endpoint.address());
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  /** Where {@code replacement} has another address, connections are made to that from now on. */
  void endpoint(Endpoint replacement) {
    if (!replacement.address().equals(endpoint.address())) {
      place = Place.of(replacement.address());
      reached(); // nobody has tried it there
    }
    endpoint = replacement;
  }

  public java.net.SocketAddress socketAddress() {
    return place.socketAddress();
  }

  /** Requests under way, over all loops. */
  public PaddedCounter active() {
    return active;
  }

  /** No longer in its cluster: it drains. */
  @Override
  public boolean removed() {
    return removed;
  }

  void remove() {
    removed = true;
  }

  @Override
  @SuppressWarnings("unchecked") // an owner puts one type and asks for the same
  public <T> T state(Object owner, Supplier<T> make) {
    Object known = states.get(owner);
    if (known == null) {
      synchronized (outlier) {
        known = states.get(owner);
        if (known == null) {
          known = make.get();
          Map<Object, Object> next = new HashMap<>(states);
          next.put(owner, known);
          states = next;
        }
      }
    }
    return (T) known;
  }

  @Override
  public void forget(Object owner) {
    synchronized (outlier) {
      Map<Object, Object> next = new HashMap<>(states);
      next.remove(owner);
      states = next;
    }
  }

  /** It could not be connected to; it is avoided for a moment, until it can. */
  public void unreachable(long nowNanos) {
    unreachableSince = nowNanos;
    unreachable = true;
  }

  /** It was connected to. */
  public void reached() {
    if (unreachable) {
      unreachable = false;
    }
  }

  /** It could not be connected to a moment ago. */
  public boolean unreachableAt(long nowNanos) {
    return unreachable && nowNanos - unreachableSince < UNREACHABLE_NANOS;
  }

  /** How often outlier detection has taken it out. */
  public int ejections() {
    return outlier.times;
  }

  /** Taken out by outlier detection for now. */
  public boolean ejected() {
    return outlier.ejected();
  }

  /** {@code 10.0.0.1:8080}, or the socket's path. */
  @Override
  public String toString() {
    return place.text();
  }
}
