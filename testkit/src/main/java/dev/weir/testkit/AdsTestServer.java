package dev.weir.testkit;

import com.google.protobuf.Message;
import dev.weir.protos.service.telemetry.v1alpha1.SummaryRequest;
import dev.weir.protos.service.telemetry.v1alpha1.TrafficSummary;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real server of all discovery services that does what the test says: it takes requests and sends
 * responses.
 */
public final class AdsTestServer implements AutoCloseable {
  /** The method by which sidecars tell of their traffic. */
  public static final String SUMMARIES =
      "weir.service.telemetry.v1alpha1.MeshTelemetryService/StreamSummaries";

  private static final String AGGREGATED = "envoy.service.discovery.v3.AggregatedDiscoveryService/";

  /** By the method's name. */
  private final Map<String, BlockingQueue<Conversation<?, ?>>> opened = new ConcurrentHashMap<>();

  private final BlockingQueue<String> authorities = new LinkedBlockingQueue<>();
  private final Server server;
  private final int port;

  public AdsTestServer() throws IOException {
    this(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  public AdsTestServer(InetSocketAddress address) throws IOException {
    server =
        NettyServerBuilder.forAddress(address)
            .fallbackHandlerRegistry(new Services())
            .intercept(new Authorities())
            .build()
            .start();
    port = server.getPort();
  }

  /** Also once it is closed. */
  public int port() {
    return port;
  }

  /** The next SotW stream of ADS that was opened. */
  public Conversation<DiscoveryRequest, DiscoveryResponse> sotw() {
    return sotw(AGGREGATED + "StreamAggregatedResources");
  }

  public Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> delta() {
    return delta(AGGREGATED + "DeltaAggregatedResources");
  }

  /**
   * The next stream of another service that was opened.
   *
   * @param method {@code envoy.service.cluster.v3.ClusterDiscoveryService/StreamClusters}
   */
  @SuppressWarnings("unchecked") // Services makes them so.
  public Conversation<DiscoveryRequest, DiscoveryResponse> sotw(String method) {
    return (Conversation<DiscoveryRequest, DiscoveryResponse>) take(opened(method));
  }

  @SuppressWarnings("unchecked")
  public Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> delta(String method) {
    return (Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse>) take(opened(method));
  }

  /** The next stream on which a sidecar tells of its traffic. */
  @SuppressWarnings("unchecked")
  public Conversation<TrafficSummary, SummaryRequest> summaries() {
    return (Conversation<TrafficSummary, SummaryRequest>) take(opened(SUMMARIES));
  }

  private BlockingQueue<Conversation<?, ?>> opened(String method) {
    return opened.computeIfAbsent(method, name -> new LinkedBlockingQueue<>());
  }

  /** How many streams were opened and not taken. */
  public int waiting(String method) {
    return opened(method).size();
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
    private final CountDownLatch ended = new CountDownLatch(1);

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
      fail(Status.UNAVAILABLE.withDescription("going away"));
    }

    /** Ends the stream so. */
    public void fail(Status status) {
      responses.onError(status.asRuntimeException());
    }

    /** Ends the stream well. */
    public void complete() {
      responses.onCompleted();
    }

    /** The client has left, within ten seconds. */
    public void awaitEnd() throws InterruptedException {
      if (!ended.await(10, TimeUnit.SECONDS)) {
        throw new AssertionError("the stream is still open after 10 s");
      }
    }

    @Override
    public void onNext(Q request) {
      requests.add(request);
    }

    @Override
    public void onError(Throwable failure) {
      ended.countDown();
    }

    @Override
    public void onCompleted() {
      ended.countDown();
    }
  }

  /** Whatever method is called, by its name. */
  private final class Services extends HandlerRegistry {
    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
      if (name.equals(SUMMARIES)) {
        return definition(
            name, TrafficSummary.getDefaultInstance(), SummaryRequest.getDefaultInstance());
      }
      return name.contains("/Delta")
          ? definition(
              name,
              DeltaDiscoveryRequest.getDefaultInstance(),
              DeltaDiscoveryResponse.getDefaultInstance())
          : definition(
              name, DiscoveryRequest.getDefaultInstance(), DiscoveryResponse.getDefaultInstance());
    }

    private <Q extends Message, R extends Message> ServerMethodDefinition<Q, R> definition(
        String name, Q request, R response) {
      MethodDescriptor<Q, R> method =
          MethodDescriptor.<Q, R>newBuilder()
              .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(name)
              .setRequestMarshaller(ProtoUtils.marshaller(request))
              .setResponseMarshaller(ProtoUtils.marshaller(response))
              .build();
      return ServerMethodDefinition.create(
          method,
          ServerCalls.asyncBidiStreamingCall(responses -> {
            Conversation<Q, R> conversation = new Conversation<>(responses);
            opened(name).add(conversation);
            return conversation;
          }));
    }
  }
}
