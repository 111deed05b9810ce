package dev.weir.control;

import dev.weir.control.admin.Asked;
import dev.weir.control.admin.ServicesPage;
import dev.weir.control.link.Linked;
import dev.weir.control.metrics.MeshCollector;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ServicePort;
import dev.weir.control.server.OpenStreams;
import dev.weir.control.server.PolicyReach;
import dev.weir.control.server.ProxyReport;
import dev.weir.control.snapshot.Snapshots;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.traffic.Speakers.Speaker;
import dev.weir.control.ui.mesh.MeshLook;
import dev.weir.control.workload.Pods;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.Callable;

/**
 * What is answered to those who ask how it is: people at the admin port, Prometheus, the other
 * control planes, and the writer of the cluster's status. Any thread but the control thread, which
 * is asked.
 */
final class Answers implements MeshLook {
  private final ControlThread control;
  private final Compilation compilation;
  private final Snapshots snapshots;
  private final Pods pods;
  private final OpenStreams streams;
  private final Optional<Trust> trust;
  private final MeshTelemetry telemetry;

  /**
   * @param trust empty: in plain text
   */
  Answers(
      ControlThread control,
      Compilation compilation,
      Snapshots snapshots,
      Pods pods,
      OpenStreams streams,
      Optional<Trust> trust,
      MeshTelemetry telemetry) {
    this.control = control;
    this.compilation = compilation;
    this.snapshots = snapshots;
    this.pods = pods;
    this.streams = streams;
    this.trust = trust;
    this.telemetry = telemetry;
  }

  /**
   * By path.
   *
   * @param ready throws why it is not
   */
  Map<String, Callable<?>> pages(Callable<?> ready) {
    return Map.of(
        "/ca",
        () -> trust.map(Trust::page).orElse(Map.of("error", "there is no CA: in plain text")),
        "/ready",
        ready,
        "/proxies",
        this::proxies,
        "/findings",
        () -> linked().findings().stream().map(Finding::fields).toList(),
        "/services",
        this::services,
        "/traffic",
        (Asked) telemetry::traffic);
  }

  Object services() throws Exception {
    Snapshots.Moment now = control.ask(snapshots::moment);
    return ServicesPage.of(now.mesh(), now.endpoints());
  }

  @Override
  public SortedMap<ServicePort, SortedSet<Endpoint>> endpoints() throws Exception {
    return control.ask(snapshots::moment).endpoints();
  }

  @Override
  public List<Map<String, Object>> proxies() throws Exception {
    Linked now = linked();
    List<Map<String, Object>> proxies =
        ProxyReport.of(control.ask(() -> ProxyReport.look(streams)), now::described);
    Map<String, Speaker> speakers = new HashMap<>();
    telemetry.speakers().all().forEach(each -> speakers.put(each.id(), each));
    for (Map<String, Object> proxy : proxies) {
      Speaker speaker = speakers.get(String.valueOf(proxy.get("node")));
      if (speaker != null) {
        proxy.put("version", speaker.version());
        proxy.put("memoryBytes", speaker.residentBytes());
      }
    }
    return proxies;
  }

  @Override
  public Linked linked() throws Exception {
    return control.ask(compilation::linked);
  }

  /**
   * @param leads whether it writes the status of resources; empty: nobody does here
   */
  MeshCollector.Moment counts(Optional<Boolean> leads) throws Exception {
    Linked now = linked();
    int errors = (int) now.findings().stream().filter(Finding::isError).count();
    return new MeshCollector.Moment(
        ProxyReport.states(control.ask(() -> ProxyReport.look(streams))),
        now.kinds(),
        Map.of("error", errors, "warning", now.findings().size() - errors),
        leads,
        trust.map(Trust::counts));
  }

  /** What is compiled follows from what is linked, or there is no such moment. */
  Optional<ClusterStatus.Moment> moment() throws Exception {
    return control.ask(() ->
        compilation.isWhole()
            ? Optional.of(
                new ClusterStatus.Moment(
                    compilation.linked(),
                    lookedAtProxies(),
                    pods.bare(),
                    pods.namespaces(),
                    pods.partly(),
                    pods.apart()))
            : Optional.empty());
  }

  /** How far policies have come with the proxies of this control plane; empty as above. */
  Optional<PolicyReach.Part> part() throws Exception {
    Optional<ClusterStatus.Proxies> proxies =
        control.ask(
            () -> compilation.isWhole() ? Optional.of(lookedAtProxies()) : Optional.empty());
    return proxies.map(ClusterStatus.Proxies::part);
  }

  private ClusterStatus.Proxies lookedAtProxies() {
    return new ClusterStatus.Proxies(compilation.looked(), ProxyReport.look(streams));
  }
}
