package dev.weir.control.server;

import com.google.protobuf.Message;
import dev.weir.control.server.telemetry.SummaryService;
import dev.weir.protos.service.telemetry.v1alpha1.Edge;
import dev.weir.protos.service.telemetry.v1alpha1.EdgeSummary;
import dev.weir.protos.service.telemetry.v1alpha1.SummaryRequest;
import dev.weir.protos.service.telemetry.v1alpha1.TrafficSummary;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client that tells of traffic whatever it likes. */
final class Teller<Q extends Message, R extends Message> implements AutoCloseable {
  private final ManagedChannel channel;
  private final StreamObserver<Q> requests;
  private final BlockingQueue<R> wanted = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();

  Teller(ManagedChannel channel, MethodDescriptor<Q, R> method) {
    this.channel = channel;
    this.requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(method, CallOptions.DEFAULT),
            new StreamObserver<R>() {
              @Override
              public void onNext(R request) {
                wanted.add(request);
              }

              @Override
              public void onError(Throwable why) {
                end.complete(Status.fromThrowable(why));
              }

              @Override
              public void onCompleted() {
                end.complete(Status.OK);
              }
            });
  }

  /** One that says who it is, and is told what is wanted. */
  static Teller<TrafficSummary, SummaryRequest> of(ManagedChannel channel, Node node) {
    Teller<TrafficSummary, SummaryRequest> teller = new Teller<>(channel, SummaryService.STREAM);
    teller.tell(TrafficSummary.newBuilder().setNode(node).setResidentBytes(1 << 20).build());
    return teller;
  }

  void tell(Q told) {
    requests.onNext(told);
  }

  void complete() {
    requests.onCompleted();
  }

  /** What it is told next. */
  R wanted() throws Exception {
    R request = wanted.poll(10, TimeUnit.SECONDS);
    if (request == null) {
      throw new AssertionError("nothing is wanted; " + end);
    }
    return request;
  }

  /** How the stream ended. */
  Status end() throws Exception {
    return end.get(10, TimeUnit.SECONDS);
  }

  /** A call of cart's to inventory that ended well. */
  static Edge.Builder edge() {
    return Edge.newBuilder()
        .setReporter(Edge.Reporter.SOURCE)
        .setSource("shop/cart")
        .setDestination("shop/inventory")
        .setPort(8080)
        .setProtocol(Edge.Protocol.HTTP)
        .setResponseClass("2xx");
  }

  /** So many of them, 250 ms at most each. */
  static EdgeSummary.Builder summary(int id, Edge.Builder edge, long count) {
    return EdgeSummary.newBuilder()
        .setId(id)
        .setEdge(edge)
        .setFirstBucket(-16)
        .addCounts(count)
        .setSumMicros(200_000 * count);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
