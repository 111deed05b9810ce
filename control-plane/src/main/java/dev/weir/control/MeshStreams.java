package dev.weir.control;

import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.metrics.Meters;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Workload;
import dev.weir.control.server.Streams;
import dev.weir.control.snapshot.Snapshot;
import dev.weir.control.snapshot.Snapshots;
import dev.weir.control.workload.Pods;
import dev.weir.control.workload.WorkloadRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Supplier;

/** What streams need, joined from the parts of a control plane. Control thread. */
final class MeshStreams implements Streams {
  private final Compilation compilation;
  private final Snapshots snapshots;
  private final WorkloadRegistry workloads;
  private final Pods pods;
  private final Rounds rounds;
  private final WarmUp warmUp;
  private final Keeping keeping;
  private final Refusals refusals;
  private final Meters meters;
  private final Clock clock;
  private final Supplier<Duration> uptime;

  /**
   * @param uptime since the start, by a clock that nobody sets
   */
  MeshStreams(
      Compilation compilation,
      Snapshots snapshots,
      WorkloadRegistry workloads,
      Pods pods,
      Rounds rounds,
      WarmUp warmUp,
      Keeping keeping,
      Refusals refusals,
      Meters meters,
      Clock clock,
      Supplier<Duration> uptime) {
    this.compilation = compilation;
    this.snapshots = snapshots;
    this.workloads = workloads;
    this.pods = pods;
    this.rounds = rounds;
    this.warmUp = warmUp;
    this.keeping = keeping;
    this.refusals = refusals;
    this.meters = meters;
    this.clock = clock;
    this.uptime = uptime;
  }

  @Override
  public Collection<ObjectName> services() {
    return snapshots.mesh().model().services().keySet();
  }

  @Override
  public Optional<Pods.Place> pod(ObjectName name) {
    return pods.place(name);
  }

  @Override
  public Optional<String> entered(long stream, Proxy proxy) {
    Optional<String> full = snapshots.enter(proxy);
    if (full.isPresent()) {
      return full;
    }
    warmUp.came(proxy.id());
    if (proxy.pod().isEmpty()) {
      proxy.address().ifPresent(address -> workloads.present(stream, proxy.service(), address));
    }
    return Optional.empty();
  }

  @Override
  public void wrong(String reason) {
    refusals.client(reason);
  }

  @Override
  public Duration uptime() {
    return uptime.get();
  }

  @Override
  public void left(Proxy proxy) {
    snapshots.leave(proxy, uptime.get());
  }

  @Override
  public Snapshot snapshot(Proxy proxy) {
    return snapshots.of(proxy);
  }

  @Override
  public boolean called(Proxy proxy, Collection<String> destinations) {
    boolean more = snapshots.called(proxy.service(), destinations);
    if (more) {
      rounds.ask(); // for the other sidecars of the service
      keeping.calls();
    }
    return more;
  }

  /** Of a pod the cluster says what is ready. */
  @Override
  public void health(long stream, Proxy proxy, Set<Integer> ports) {
    if (proxy.pod().isPresent()) {
      return;
    }
    proxy
        .address()
        .ifPresent(address ->
            workloads.report(
                stream,
                new Workload(
                    proxy.id(),
                    proxy.service(),
                    address,
                    ports,
                    proxy.kind().takes(Extension.WORKLOAD_IDENTITY))));
  }

  @Override
  public void sent(ResourceType type) {
    meters.sent(type);
  }

  @Override
  public void accepted(Duration after) {
    meters.acknowledged(after);
  }

  @Override
  public void refused(
      Proxy proxy,
      ResourceType type,
      SortedSet<String> names,
      String reason,
      SortedSet<String> origins) {
    meters.refused(type);
    refusals.refused(proxy, type, names, reason, origins, compilation.linked()::described);
  }

  @Override
  public boolean warm() {
    return warmUp.isOver();
  }

  @Override
  public boolean silent(String endpoints) {
    return Names.serviceOf(endpoints)
        .filter(name -> compilation.model().services().containsKey(name))
        .filter(name -> !workloads.restored(name)) // what it was is known
        .filter(name -> !warmUp.isOver() || !workloads.heardOf(name) && hasNoEndpoint(name))
        .isPresent();
  }

  private boolean hasNoEndpoint(ObjectName service) {
    return snapshots.endpointsOf(service).values().stream().allMatch(of -> of.isEmpty());
  }

  @Override
  public Instant now() {
    return clock.instant();
  }
}
