package dev.weir.control.model;

import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A {@code TCPRoute} or {@code TLSRoute} bound to ports of services: where connections go whose
 * bytes pass as they are.
 *
 * @param created when Kubernetes got it; absent: it comes from a folder, and is the youngest
 * @param parents the ports it is bound to
 * @param hostnames of a TLSRoute: those that clients name (SNI), {@code *.} before one for any
 *     labels; of a TCPRoute none
 * @param backends none, or all of weight 0: connections are closed
 */
public record StreamRoute(
    Kind kind,
    ObjectName name,
    Optional<Instant> created,
    SortedSet<ServicePort> parents,
    SortedSet<String> hostnames,
    List<Backend> backends) {
  /** The oldest first, then by name, as Gateway API has it. */
  public static final Comparator<StreamRoute> ORDER =
      Comparator.comparing((StreamRoute route) -> route.created().orElse(Instant.MAX))
          .thenComparing(StreamRoute::name);

  public StreamRoute {
    parents = Collections.unmodifiableSortedSet(new TreeSet<>(parents));
    hostnames = Collections.unmodifiableSortedSet(new TreeSet<>(hostnames));
    backends = List.copyOf(backends);
  }

  /** The same, bound to {@code ports}, for these of its hostnames. */
  public StreamRoute boundTo(SortedSet<ServicePort> ports, SortedSet<String> names) {
    return new StreamRoute(kind, name, created, ports, names, backends);
  }

  /** The same with other backends. */
  public StreamRoute with(List<Backend> others) {
    return new StreamRoute(kind, name, created, parents, hostnames, others);
  }

  /** Which of Gateway API's two. */
  public enum Kind {
    TCP("TCPRoute"),
    TLS("TLSRoute");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /**
   * A share {@code weight} of the sum goes to {@code target}; one that does not exist closes its
   * share.
   */
  public record Backend(ServicePort target, int weight) {
    /** The same share of what does not exist. */
    public Backend nowhere() {
      return new Backend(new ServicePort(target.service(), 0), weight);
    }

    public boolean isNowhere() {
      return target.port() == 0;
    }
  }
}
