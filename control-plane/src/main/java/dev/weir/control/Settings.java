package dev.weir.control;

import dev.weir.control.injector.Injection;
import dev.weir.control.model.AddressRange;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a control plane runs.
 *
 * @param config the folder it reads; empty: none
 * @param cluster the Kubernetes cluster it reads; empty: none
 * @param listen where sidecars connect; port 0: any that is free
 * @param admin where people ask; port 0: any that is free
 * @param metrics where Prometheus asks; port 0: any that is free; empty: nowhere
 * @param debounce how long events are gathered
 * @param grace how long an instance whose stream ended stays an endpoint
 * @param deadAfter how long a client's connection stays of which nothing is heard, not even an
 *     answer when it is asked for one
 * @param warmUp after a start so long, sidecars that come back keep the endpoints they have: who is
 *     not back yet is not gone; longer than a sidecar waits between two tries
 * @param state where it keeps what is in force and who is there, for its next start; empty: nowhere
 * @param rescan how often the folder is looked at without being told
 * @param security empty: in plain text, and everybody is who he says
 * @param summaries how often sidecars are to tell of their traffic; empty: never
 */
public record Settings(
    Optional<Path> config,
    Optional<Cluster> cluster,
    InetSocketAddress listen,
    InetSocketAddress admin,
    Optional<InetSocketAddress> metrics,
    Duration debounce,
    Duration grace,
    Duration deadAfter,
    Duration warmUp,
    Duration rescan,
    Optional<Path> state,
    Optional<Security> security,
    Optional<Duration> summaries) {
  /** As often as sidecars are to tell of their traffic, unless somebody says otherwise. */
  public static final Duration SUMMARIES = Duration.ofSeconds(5);

  /** With summaries as often as usual. */
  public Settings(
      Optional<Path> config,
      Optional<Cluster> cluster,
      InetSocketAddress listen,
      InetSocketAddress admin,
      Optional<InetSocketAddress> metrics,
      Duration debounce,
      Duration grace,
      Duration deadAfter,
      Duration warmUp,
      Duration rescan,
      Optional<Path> state,
      Optional<Security> security) {
    this(
        config,
        cluster,
        listen,
        admin,
        metrics,
        debounce,
        grace,
        deadAfter,
        warmUp,
        rescan,
        state,
        security,
        Optional.of(SUMMARIES));
  }

  /**
   * A Kubernetes cluster, as kubectl finds it.
   *
   * @param kubeconfig a file; empty: where kubectl looks for it, or the pod's own account
   * @param context of that file; empty: the current one
   * @param caSecret the Secret of the CA, in the namespace that this runs in; it is made if it is
   *     not there; empty: the CA is its folder's alone
   * @param webhook where the API server asks; empty: it does not
   * @param injection what the webhook puts into pods
   * @param revision of several installations which this is of; empty: of the one without
   */
  public record Cluster(
      Optional<Path> kubeconfig,
      Optional<String> context,
      Optional<String> caSecret,
      Optional<InetSocketAddress> webhook,
      Injection injection,
      Optional<String> revision) {}

  /**
   * TLS, and what tells clients apart.
   *
   * @param ca the folder of the CA's certificates and its key
   * @param trustDomain of those that it certifies
   * @param tokens the folder of the key sets whose tokens are taken
   * @param tokenKey the file of a key that tokens are signed with; it is made if it is not there
   * @param names what clients call this control plane
   * @param instances addresses that a client may register wherever it calls from
   */
  public record Security(
      Path ca,
      String trustDomain,
      Path tokens,
      Optional<Path> tokenKey,
      List<String> names,
      List<AddressRange> instances) {
    public Security {
      names = List.copyOf(names);
      instances = List.copyOf(instances);
    }
  }

  public static Settings of(
      Optional<Path> config,
      Optional<Cluster> cluster,
      InetSocketAddress listen,
      InetSocketAddress admin,
      Optional<InetSocketAddress> metrics,
      Optional<Path> state,
      Optional<Security> security) {
    return new Settings(
        config,
        cluster,
        listen,
        admin,
        metrics,
        Duration.ofMillis(20),
        Duration.ofSeconds(2),
        Duration.ofSeconds(25),
        Duration.ofSeconds(30),
        Duration.ofSeconds(5),
        state,
        security);
  }

  /** The same, told of traffic as often as that. */
  public Settings with(Optional<Duration> often) {
    return new Settings(
        config, cluster, listen, admin, metrics, debounce, grace, deadAfter, warmUp, rescan, state,
        security, often);
  }
}
