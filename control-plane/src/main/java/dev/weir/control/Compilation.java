package dev.weir.control;

import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.VirtualAddresses;
import dev.weir.control.link.Linked;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.ServicePort;
import dev.weir.control.snapshot.Snapshots;
import dev.weir.control.workload.Endpoints;
import dev.weir.control.workload.Pods;
import dev.weir.control.workload.WorkloadRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.stream.Stream;

/**
 * What is linked, and what is compiled of it: the snapshots follow from the model and from the
 * instances there are. What {@link Touched} says is compiled anew. Control thread.
 */
final class Compilation {
  private final String trustDomain;
  private final Touched touched;
  private final Snapshots snapshots;
  private final WorkloadRegistry workloads;
  private final Pods pods;
  private final Refusals refusals;
  private final MistakenServices mistaken;
  private final Edits edits;
  private final VirtualAddresses addresses = new VirtualAddresses();
  private Linked linked;

  /** The versions of the cluster's objects that it is linked from. */
  private Map<String, String> looked = Map.of();

  /** What is compiled, without the endpoints. */
  private MeshModel model = MeshModel.EMPTY;

  /**
   * @param linked what there is to compile first
   * @param snapshots are brought to what is compiled
   * @param mistaken is told of a service whose endpoints cannot be made
   * @param edits is told of each other model
   */
  Compilation(
      Linked linked,
      String trustDomain,
      Touched touched,
      Snapshots snapshots,
      WorkloadRegistry workloads,
      Pods pods,
      Refusals refusals,
      MistakenServices mistaken,
      Edits edits) {
    this.linked = linked;
    this.trustDomain = trustDomain;
    this.touched = touched;
    this.snapshots = snapshots;
    this.workloads = workloads;
    this.pods = pods;
    this.refusals = refusals;
    this.mistaken = mistaken;
    this.edits = edits;
  }

  /**
   * This is linked now; it is compiled in the next round.
   *
   * @param seen the versions of the cluster's objects that it is linked from
   * @return whether its findings are other ones
   */
  boolean take(Linked next, Map<String, String> seen) {
    looked = seen;
    if (next.equals(linked)) {
      return false;
    }
    boolean otherFindings = !next.findings().equals(linked.findings());
    boolean otherModel = !next.model().equals(linked.model());
    if (otherModel) {
      edits.look(linked.model(), next.model());
    }
    linked = next;
    if (otherModel || touched.isModel()) {
      touched.model();
    }
    return otherFindings;
  }

  /**
   * What came of a round.
   *
   * @param services to whose instances something happened
   * @param others whether endpoints are other ones by that
   */
  record Compiled(Set<ObjectName> services, boolean others) {}

  /** What was touched is compiled when this returns. */
  Compiled compile() {
    if (touched.isModel()) {
      compileModel();
      touched.modelDone();
    }
    Set<ObjectName> concerned = Set.copyOf(touched.services());
    Map<ObjectName, SortedMap<ServicePort, SortedSet<Endpoint>>> endpoints = new HashMap<>();
    for (ObjectName name : concerned) {
      try {
        endpoints.put(name, Endpoints.of(model, name, workloads.of(name), pods));
      } catch (RuntimeException mistake) {
        mistaken.accept(name, mistake);
      }
    }
    boolean others = snapshots.endpoints(endpoints);
    touched.servicesDone();
    return new Compiled(concerned, others);
  }

  private void compileModel() {
    MeshModel before = model;
    MeshModel next = linked.model();
    Stream.of(before, next)
        .flatMap(one -> one.services().keySet().stream())
        .filter(name -> !next.placesEqually(before, name))
        .forEach(touched.services()::add);
    refusals.forget();
    pods.services(next.services().values());
    snapshots.replace(
        new Mesh(next, addresses.of(next.services().values()), trustDomain, pods.accounts()));
    model = next;
  }

  Linked linked() {
    return linked;
  }

  /** The versions of the cluster's objects that {@link #linked} is made from. */
  Map<String, String> looked() {
    return looked;
  }

  /** What is compiled, without the endpoints. */
  MeshModel model() {
    return model;
  }

  /** Whether what is compiled follows from what is linked. */
  boolean isWhole() {
    return !touched.isModel();
  }
}
