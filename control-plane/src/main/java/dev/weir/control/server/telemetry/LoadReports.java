package dev.weir.control.server.telemetry;

import dev.weir.control.server.Caller;
import io.envoyproxy.envoy.service.load_stats.v3.LoadReportingServiceGrpc.LoadReportingServiceImplBase;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsRequest;
import io.envoyproxy.envoy.service.load_stats.v3.LoadStatsResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * Hears the load reports of real Envoy, where its bootstrap has {@code
 * cluster_manager.load_stats_config}. Any thread.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/service/load_stats/v3/lrs.proto
 */
public final class LoadReports extends LoadReportingServiceImplBase {
  private final Hearing hearing;

  public LoadReports(Hearing hearing) {
    this.hearing = hearing;
  }

  @Override
  public StreamObserver<LoadStatsRequest> streamLoadStats(
      StreamObserver<LoadStatsResponse> answers) {
    LoadReportStream stream =
        new LoadReportStream(
            hearing, (ServerCallStreamObserver<LoadStatsResponse>) answers, Caller.OF.get());
    stream.opened();
    return stream;
  }
}
