package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Endpoint;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig;
import dev.weir.sidecar.runtime.SocketAddresses;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of a live cluster. Its identity is its pools'; facts from discovery are replaced in
 * place. Any thread.
 */
public final class Host {
  private final java.net.SocketAddress socketAddress;
  private final String text;
  private final PaddedCounter active = new PaddedCounter();
  private volatile Endpoint endpoint;
  private volatile boolean removed;
  private volatile @Nullable CircuitBreaker breaker;

  /** Consecutive failures, and what the outlier detector keeps about this host. */
  final OutlierState outlier = new OutlierState();

  Host(Endpoint endpoint) {
    this.endpoint = endpoint;
    this.socketAddress = SocketAddresses.of(endpoint.address());
    this.text = endpoint.address().toString();
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  void endpoint(Endpoint replacement) {
    endpoint = replacement;
  }

  public java.net.SocketAddress socketAddress() {
    return socketAddress;
  }

  /** Requests under way, over all loops. */
  public PaddedCounter active() {
    return active;
  }

  /** No longer in its cluster: it drains. */
  public boolean removed() {
    return removed;
  }

  void remove() {
    removed = true;
    retireBreaker();
  }

  /** Lets its circuit breaker go; the next one asked for is new. */
  void retireBreaker() {
    synchronized (outlier) {
      CircuitBreaker known = breaker;
      breaker = null;
      if (known != null) {
        known.retire();
      }
    }
  }

  /** Its own circuit breaker, made at first use. */
  CircuitBreaker breaker(CircuitBreakerConfig config, CircuitBreaker.Observer observer) {
    CircuitBreaker known = breaker;
    if (known == null) {
      synchronized (outlier) {
        known = breaker;
        if (known == null) {
          // Requests that a removed host still has are told of by nobody.
          CircuitBreaker.Observer told = removed ? (from, to) -> {} : observer;
          known = new CircuitBreaker(config, told, System.nanoTime());
          breaker = known;
        }
      }
    }
    if (!known.config().equals(config)) {
      known.configure(config);
    }
    return known;
  }

  /** Taken out by outlier detection for now. */
  public boolean ejected() {
    return outlier.ejected();
  }

  /** {@code 10.0.0.1:8080}, or the socket's path. */
  @Override
  public String toString() {
    return text;
  }
}
