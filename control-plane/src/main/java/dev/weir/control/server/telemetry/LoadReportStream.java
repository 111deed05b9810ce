package dev.weir.control.server.telemetry;

import com.google.protobuf.Duration;
import dev.weir.control.compile.Names;
import dev.weir.control.model.ServicePort;
import dev.weir.control.server.Caller;
import dev.weir.control.server.Guests.Guest;
import dev.weir.control.traffic.Durations;
import dev.weir.control.traffic.Edge;
import dev.weir.control.traffic.Outcome;
import dev.weir.control.traffic.Reporter;
import dev.weir.control.traffic.Sample;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterStats;
import io.envoyproxy.envoy.config.endpoint.v3.UpstreamLocalityStats;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsRequest;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsResponse;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Optional;

/**
 * The stream of one Envoy. It tells of the clusters that we have compiled for it how many requests
 * went well and how many did not; not how long they took, nor why.
 */
final class LoadReportStream extends TellingStream<LoadStatsRequest, LoadStatsResponse> {
  private static final int MOST_CLUSTERS = 10_000;
  private static final long MOST_REQUESTS = 1L << 32;
  private static final Outcome WELL = new Outcome("http", "2xx", "", "", "", "", "");
  private static final Outcome FAILED = new Outcome("http", "5xx", "", "", "", "", "");

  LoadReportStream(
      Hearing hearing, ServerCallStreamObserver<LoadStatsResponse> answers, Caller caller) {
    super(hearing, answers, caller);
  }

  @Override
  Node node(LoadStatsRequest first) {
    return first.getNode();
  }

  @Override
  long residentBytes(LoadStatsRequest report) {
    return 0;
  }

  @Override
  LoadStatsResponse begun(Guest guest) {
    java.time.Duration interval = hearing.interval();
    return LoadStatsResponse.newBuilder()
        .setSendAllClusters(true)
        .setLoadReportingInterval(
            Duration.newBuilder().setSeconds(interval.getSeconds()).setNanos(interval.getNano()))
        .build();
  }

  @Override
  void take(LoadStatsRequest report, Guest guest, long now) throws StatusException {
    if (report.getClusterStatsCount() > MOST_CLUSTERS) {
      throw SummaryReader.invalid("cluster_stats", "are more than " + MOST_CLUSTERS);
    }
    for (int i = 0; i < report.getClusterStatsCount(); i++) {
      ClusterStats cluster = report.getClusterStats(i);
      Optional<ServicePort> port = Names.portOf(cluster.getClusterName());
      if (port.isPresent()) {
        take(cluster, port.get(), guest, "cluster_stats[" + i + "]", now);
      }
    }
    hearing.meters().summary(0);
  }

  private void take(ClusterStats cluster, ServicePort port, Guest guest, String field, long now)
      throws StatusException {
    long well = 0;
    long failed = 0;
    for (UpstreamLocalityStats locality : cluster.getUpstreamLocalityStatsList()) {
      well += within(locality.getTotalSuccessfulRequests(), field);
      failed += within(locality.getTotalErrorRequests(), field);
    }
    String source = guest.proxy().account().toString();
    Edge edge = new Edge(source, port.service().toString(), port.port());
    add(edge, WELL, well, now);
    add(edge, FAILED, failed, now);
  }

  private static long within(long number, String field) throws StatusException {
    if (number < 0 || number > MOST_REQUESTS) {
      throw SummaryReader.invalid(
          field + ".upstream_locality_stats", "has more than " + MOST_REQUESTS + " requests");
    }
    return number;
  }

  private void add(Edge edge, Outcome outcome, long count, long now) {
    if (count > 0) {
      hearing
          .store()
          .add(
              new Sample(
                  edge, Reporter.SOURCE, outcome, count, 0, 0, new Durations(Durations.SCALE_SENT)),
              now);
    }
  }
}
