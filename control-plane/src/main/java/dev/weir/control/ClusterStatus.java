package dev.weir.control;

import dev.weir.control.installation.Leadership;
import dev.weir.control.installation.Replicas;
import dev.weir.control.link.Linked;
import dev.weir.control.model.ObjectName;
import dev.weir.control.server.OtherControlPlanes;
import dev.weir.control.server.PolicyReach;
import dev.weir.control.server.ProxyReport;
import dev.weir.control.source.kubernetes.ConfigKind;
import dev.weir.control.source.kubernetes.KubernetesSource;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.status.Bypass;
import dev.weir.control.status.PlainCallers;
import dev.weir.control.status.StatusWriter;
import dev.weir.control.status.Unprotected;
import dev.weir.control.workload.Pods;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Says on the resources of the cluster what became of them, while this control plane leads: looks
 * every second, and seldomer where a look costs more than a tenth of that. Its own thread.
 */
final class ClusterStatus implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final int SHARE = 10;
  private static final Duration LONGEST_END = Duration.ofSeconds(5);

  /**
   * The mesh at one moment.
   *
   * @param bare instances without a sidecar, by service
   * @param joined namespaces that have sidecars
   * @param partly those of them that have pods without, too
   * @param apart namespaces that have pods and no sidecar
   */
  record Moment(
      Linked linked,
      Proxies proxies,
      SortedMap<ObjectName, Pods.Bare> bare,
      Set<String> joined,
      SortedSet<String> partly,
      SortedSet<String> apart) {}

  /**
   * The proxies of this control plane at one moment.
   *
   * @param looked the versions of objects that what they have is made from
   */
  record Proxies(Map<String, String> looked, List<ProxyReport.Seen> all) {
    /** How far what has a status has come with them. */
    PolicyReach.Part part() {
      Map<String, String> versions = new HashMap<>();
      looked.forEach((name, version) -> {
        if (ConfigKind.ALL.stream()
            .anyMatch(kind -> kind.hasStatus() && name.startsWith(kind.kind() + " "))) {
          versions.put(name, version);
        }
      });
      Map<String, PolicyReach.Reach> reach = PolicyReach.of(all);
      reach.keySet().retainAll(versions.keySet());
      return new PolicyReach.Part(reach, versions);
    }
  }

  private final KubernetesSource cluster;
  private final Callable<Optional<Moment>> look;
  private final StatusWriter writer;
  private final Optional<OtherControlPlanes> others;
  private final Replicas replicas;
  private int next;
  private String failing = "";
  private final Leadership leadership;
  private final Consumer<String> told;
  private final Consumer<Throwable> failed;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("status").daemon().factory());

  /**
   * @param look the mesh now; empty: it is about to be another
   * @param others are asked for what they know; closed with this
   * @param told is told what cannot be written, a line each
   * @param failed is told of a mistake of the program's own
   */
  ClusterStatus(
      KubernetesSource cluster,
      Clock clock,
      Callable<Optional<Moment>> look,
      Optional<OtherControlPlanes> others,
      Consumer<String> told,
      Consumer<Throwable> failed) {
    this.cluster = cluster;
    this.look = look;
    this.others = others;
    this.replicas = new Replicas(cluster.client(), cluster.ownNamespace(), cluster.ownName());
    this.writer = new StatusWriter(cluster.client(), cluster.ownName(), clock, told);
    this.leadership =
        new Leadership(cluster.client(), cluster.ownNamespace(), cluster.ownName(), told);
    this.told = told;
    this.failed = failed;
    later(EVERY);
  }

  private void later(Duration rest) {
    if (!thread.isShutdown()) {
      var _ = thread.schedule(this::pass, rest.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void pass() {
    long start = System.nanoTime();
    try {
      if (leadership.leading()) {
        Optional<Moment> moment = look.call();
        if (moment.isPresent()) {
          write(moment.get());
          failing = "";
        }
      }
    } catch (KubernetesClientException e) {
      String why = "status is not written: " + e.getMessage();
      if (!why.equals(failing)) {
        failing = why; // each second would say it again
        told.accept(why);
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    } catch (Exception mistake) {
      failed.accept(mistake); // The next pass may fare better.
    }
    Duration cost = Duration.ofNanos(System.nanoTime() - start);
    Duration rest = cost.multipliedBy(SHARE);
    later(rest.compareTo(EVERY) > 0 ? rest : EVERY);
  }

  private void write(Moment moment) throws InterruptedException {
    Map<String, List<Finding>> findings =
        moment.linked().findings().stream().collect(Collectors.groupingBy(Finding::resource));
    PolicyReach.Part own = moment.proxies().part();
    SortedMap<String, Optional<PolicyReach.Part>> said =
        others.isEmpty() ? Collections.emptySortedMap() : others.get().ask(replicas.others());
    Map<String, String> unprotected =
        Unprotected.of(moment.linked().model(), moment.bare(), moment.joined());
    Map<String, String> beside = Bypass.of(moment.linked().model(), moment.partly());
    PlainCallers callers = PlainCallers.of(moment.bare(), moment.joined(), moment.apart());
    beside.putAll(callers.told(moment.linked().model()));
    StatusWriter.Facts facts =
        new StatusWriter.Facts(
            name -> (Collection<Finding>) findings.getOrDefault(name, List.of()),
            name -> own.of(name, said),
            name -> unprotected.getOrDefault(name, ""),
            name -> beside.getOrDefault(name, ""));
    // The next pass begins where this one ends, so that what changes all the time starves nothing.
    for (int i = 0; i < ConfigKind.ALL.size(); i++) {
      ConfigKind kind = ConfigKind.ALL.get(next);
      next = (next + 1) % ConfigKind.ALL.size();
      if (!writer.write(kind, cluster.objects(kind, moment.proxies().looked()), facts)) {
        return; // the rest in the next pass
      }
    }
  }

  /** Whether it writes. */
  boolean leads() {
    return leadership.leading();
  }

  @Override
  public void close() {
    leadership.close();
    thread.shutdownNow();
    try {
      if (thread.awaitTermination(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
        others.ifPresent(OtherControlPlanes::close);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
