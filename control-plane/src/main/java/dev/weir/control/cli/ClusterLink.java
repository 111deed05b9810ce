package dev.weir.control.cli;

import dev.weir.control.link.Linked;
import dev.weir.control.link.Sources;
import dev.weir.control.source.Source;
import dev.weir.control.source.Unit;
import dev.weir.control.source.kubernetes.ClusterReading;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.control.status.PlainCallers;
import dev.weir.control.status.Unprotected;
import dev.weir.control.workload.Pods;
import dev.weir.protos.Location;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** A cluster's resources, linked as its control planes link them. */
final class ClusterLink {
  private ClusterLink() {}

  /**
   * The cluster's, with those of {@code files} applied.
   *
   * @param files none: the cluster's findings are all told; else what the files bring about
   */
  static Linked with(KubernetesClient client, List<? extends Source> files, Clock clock)
      throws IOException {
    List<Unit> ofFiles = new ArrayList<>();
    files.forEach(one -> ofFiles.addAll(one.look().units().values()));
    ClusterReading reading = ClusterReading.of(client, clock, ofFiles);
    Source cluster = reading.source();
    Pods pods = new Pods(Pods.Changes.NONE, false);
    reading.pods().forEach(pods::put);
    reading.slices().forEach(pods::put);
    Linked before = checked(new Sources(List.of(cluster), clock.getZone()).scan(), pods);
    if (files.isEmpty()) {
      return before;
    }
    Set<String> written = new HashSet<>();
    ofFiles.forEach(
        unit -> unit.resources().forEach(resource -> written.add(resource.manifest().resource())));
    List<Source> all = new ArrayList<>(files);
    all.add(new Without(cluster, written));
    Linked after = checked(new Sources(all, clock.getZone()).scan(), pods);
    List<Finding> brought = new ArrayList<>(after.findings());
    brought.removeAll(before.findings());
    return after.with(brought);
  }

  /** With what only who sees the pods can know, in the words of the status of policies. */
  private static Linked checked(Linked linked, Pods pods) {
    List<Finding> findings = new ArrayList<>(linked.findings());
    for (Map<String, String> told :
        List.of(
            Unprotected.of(linked.model(), pods.bare(), pods.namespaces()),
            PlainCallers.of(pods.bare(), pods.namespaces(), pods.apart())
                .withinTheMesh()
                .refused(linked.model()))) {
      new TreeMap<>(told)
          .forEach((policy, said) ->
              findings.add(
                  new Finding(
                      Severity.WARNING,
                      linked.places().getOrDefault(policy, Location.of(policy)),
                      policy,
                      "",
                      said)));
    }
    return linked.with(findings);
  }

  /** A source without some of its units. */
  private record Without(Source whole, Set<String> names) implements Source {
    @Override
    public SortedMap<String, ? extends Unit> restored() {
      return whole.restored();
    }

    @Override
    public Look look() {
      Look look = whole.look();
      SortedMap<String, Unit> rest = new TreeMap<>(look.units());
      rest.keySet().removeAll(names);
      return new Look(rest, look.findings());
    }

    @Override
    public void inForce(Collection<? extends Unit> units) {
      whole.inForce(units);
    }
  }
}
