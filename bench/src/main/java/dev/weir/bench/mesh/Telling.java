package dev.weir.bench.mesh;

import com.google.protobuf.Duration;
import dev.weir.control.server.telemetry.SummaryService;
import dev.weir.protos.service.telemetry.v1alpha1.Edge;
import dev.weir.protos.service.telemetry.v1alpha1.Edge.Reporter;
import dev.weir.protos.service.telemetry.v1alpha1.EdgeSummary;
import dev.weir.protos.service.telemetry.v1alpha1.SummaryRequest;
import dev.weir.protos.service.telemetry.v1alpha1.TrafficSummary;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.SplittableRandom;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The stream on which one sidecar that is not there tells of traffic that there is not: each edge
 * has 100 calls a second or less, of which some fail. Any thread, one at a time.
 */
final class Telling implements StreamObserver<SummaryRequest> {
  /** Services that one calls are so far apart. */
  private static final int STRIDE = 7;

  private static final int BUCKETS = 16;
  private static final int FIRST_BUCKET = -64;

  private final Mesh mesh;
  private final int service;
  private final int edges;
  private final ScheduledExecutorService later;
  private final StreamObserver<TrafficSummary> summaries;
  private final SplittableRandom random;
  private boolean named;

  /**
   * @param edges that its service has: so many services it calls, and as many call it
   */
  Telling(
      Mesh mesh,
      int index,
      int edges,
      Node node,
      ManagedChannel channel,
      ScheduledExecutorService later) {
    this.mesh = mesh;
    this.service = index % mesh.shape().services();
    this.edges = edges;
    this.later = later;
    this.random = new SplittableRandom(index);
    this.summaries =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(SummaryService.STREAM, CallOptions.DEFAULT), this);
    summaries.onNext(TrafficSummary.newBuilder().setNode(node).setResidentBytes(60 << 20).build());
  }

  @Override
  public synchronized void onNext(SummaryRequest request) {
    long millis = request.getInterval().getSeconds() * 1000;
    later.scheduleAtFixedRate(this::tell, random.nextLong(millis), millis, TimeUnit.MILLISECONDS);
  }

  private synchronized void tell() {
    TrafficSummary.Builder summary =
        TrafficSummary.newBuilder()
            .setInterval(Duration.newBuilder().setSeconds(5))
            .setResidentBytes(60 << 20);
    int services = mesh.shape().services();
    for (int i = 0; i < edges; i++) {
      int called = (service + (i + 1) * STRIDE) % services;
      int caller = Math.floorMod(service - (i + 1) * STRIDE, services);
      add(summary, 4 * i + 1, Reporter.SOURCE, service, called, i);
      add(summary, 4 * i + 3, Reporter.DESTINATION, caller, service, i);
    }
    named = true;
    summaries.onNext(summary.build());
    mesh.told();
  }

  private void add(
      TrafficSummary.Builder summary, int id, Reporter by, int source, int called, int place) {
    int calls = 1 + random.nextInt(500 / mesh.shape().instances() / (place + 1) + 1);
    summary.addEdges(counted(id, edge(by, source, called).setResponseClass("2xx"), calls));
    if (random.nextInt(4) == 0 || !named) {
      summary.addEdges(
          counted(
              id + 1,
              edge(by, source, called)
                  .setResponseClass("5xx")
                  .setCause("breaker-open")
                  .setPolicy(name(called)),
              1));
    }
  }

  private String name(int service) {
    return mesh.shape().namespace(service) + "/" + MeshShape.name(service);
  }

  private Edge.Builder edge(Reporter by, int source, int called) {
    return Edge.newBuilder()
        .setReporter(by)
        .setSource(name(source))
        .setDestination(name(called))
        .setPort(8080)
        .setProtocol(Edge.Protocol.HTTP);
  }

  private EdgeSummary.Builder counted(int id, Edge.Builder edge, int calls) {
    EdgeSummary.Builder message = EdgeSummary.newBuilder().setId(id).setFirstBucket(FIRST_BUCKET);
    if (!named) {
      message.setEdge(edge);
    }
    int[] counts = new int[BUCKETS];
    for (int i = 0; i < calls; i++) {
      counts[random.nextInt(BUCKETS / 2) + random.nextInt(BUCKETS / 2)]++;
    }
    for (int count : counts) {
      message.addCounts(count);
    }
    return message.setSumMicros(5_000L * calls).setReceived(200L * calls).setSent(2_000L * calls);
  }

  @Override
  public void onError(Throwable why) {
    mesh.failed(why);
  }

  @Override
  public void onCompleted() {}
}
