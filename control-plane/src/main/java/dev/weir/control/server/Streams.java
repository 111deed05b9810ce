package dev.weir.control.server;

import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.ObjectName;
import dev.weir.control.snapshot.Snapshot;
import dev.weir.control.workload.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

/** What a stream needs of the control plane. Control thread. */
public interface Streams {
  Collection<ObjectName> services();

  /** Whose a pod is; empty: the cluster has none of this name, or there is no cluster. */
  Optional<Pods.Place> pod(ObjectName name);

  /**
   * A client says who it is; {@link #left} when it is gone.
   *
   * @return why it is not served, if it is not
   */
  Optional<String> entered(long stream, Proxy proxy);

  /** A client is not what it says it is, or takes too much, and its stream ends; who, and why. */
  void wrong(String reason);

  /** A client that entered is gone. */
  void left(Proxy proxy);

  /** What it should have now; another one after {@link #called} if that says so. */
  Snapshot snapshot(Proxy proxy);

  /**
   * The proxy's app calls destinations of these names.
   *
   * @return whether the proxy is told of more services by that
   */
  boolean called(Proxy proxy, Collection<String> destinations);

  /** An instance accepts on {@code ports}. */
  void health(long stream, Proxy proxy, Set<Integer> ports);

  /** A proxy was sent a response of a type. */
  void sent(ResourceType type);

  /** A proxy takes what it was sent, a time after it was. Any thread. */
  void accepted(Duration after);

  /**
   * A proxy does not take what it was sent of a type; among {@code names} is what is wrong.
   *
   * @param origins what people wrote and it follows from, kind and name each
   */
  void refused(
      Proxy proxy,
      ResourceType type,
      SortedSet<String> names,
      String reason,
      SortedSet<String> origins);

  /**
   * Whether those who reconnected after a start have had the time to; until then endpoints are not
   * known to be gone.
   */
  boolean warm();

  /**
   * Whether a client that comes back keeps the endpoints it has under this name: those who could
   * say that they are other ones have not spoken yet.
   */
  boolean silent(String endpoints);

  Instant now();

  /** Since the start, by a clock that nobody sets. Any thread. */
  Duration uptime();
}
