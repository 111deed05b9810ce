package dev.weir.testkit;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A real ADS server that does what the test says: it takes requests and sends responses. */
public final class AdsTestServer implements AutoCloseable {
  private final BlockingQueue<Conversation<DiscoveryRequest, DiscoveryResponse>> sotw =
      new LinkedBlockingQueue<>();
  private final BlockingQueue<Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse>> delta =
      new LinkedBlockingQueue<>();
  private final BlockingQueue<String> authorities = new LinkedBlockingQueue<>();
  private final Server server;

  public AdsTestServer() throws IOException {
    this(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  public AdsTestServer(InetSocketAddress address) throws IOException {
    server =
        NettyServerBuilder.forAddress(address)
            .addService(new Service())
            .intercept(new Authorities())
            .build()
            .start();
  }

  public int port() {
    return server.getPort();
  }

  /** The next SotW stream that was opened. */
  public Conversation<DiscoveryRequest, DiscoveryResponse> sotw() {
    return take(sotw);
  }

  public Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> delta() {
    return take(delta);
  }

  /** What the next stream that was opened calls us. */
  public String authority() {
    return take(authorities);
  }

  private final class Authorities implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      authorities.add(String.valueOf(call.getAuthority()));
      return next.startCall(call, headers);
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  /** The next, which must come within ten seconds. */
  public static <T> T take(BlockingQueue<T> queue) {
    try {
      T taken = queue.poll(10, TimeUnit.SECONDS);
      if (taken == null) {
        throw new AssertionError("nothing came within 10 s");
      }
      return taken;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** One stream, from the server's side. */
  public static final class Conversation<Q, R> implements StreamObserver<Q> {
    private final BlockingQueue<Q> requests = new LinkedBlockingQueue<>();
    private final StreamObserver<R> responses;

    Conversation(StreamObserver<R> responses) {
      this.responses = responses;
    }

    public Q next() {
      return take(requests);
    }

    public void send(R response) {
      responses.onNext(response);
    }

    public void fail() {
      responses.onError(Status.UNAVAILABLE.withDescription("going away").asRuntimeException());
    }

    @Override
    public void onNext(Q request) {
      requests.add(request);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }

  private final class Service
      extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DiscoveryRequest> streamAggregatedResources(
        StreamObserver<DiscoveryResponse> responses) {
      var conversation = new Conversation<DiscoveryRequest, DiscoveryResponse>(responses);
      sotw.add(conversation);
      return conversation;
    }

    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> responses) {
      var conversation = new Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(responses);
      delta.add(conversation);
      return conversation;
    }
  }
}
