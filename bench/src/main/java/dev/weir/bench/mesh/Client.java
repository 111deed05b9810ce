package dev.weir.bench.mesh;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Value;
import dev.weir.control.compile.Extension;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One sidecar that is not there. Its stream's thread; {@link #health} on any. */
final class Client implements StreamObserver<DeltaDiscoveryResponse> {
  static final String CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  static final String ENDPOINTS =
      "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
  static final String LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener";
  static final String ROUTES = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
  private static final String HEALTH =
      "type.googleapis.com/weir.service.health.v1alpha1.WorkloadHealth";
  private static final List<String> TYPES = List.of(CLUSTER, ENDPOINTS, LISTENER, ROUTES);
  private static final String APP_PORT = "9080";
  private static final long FIRST_PAUSE = 500;
  private static final long LONGEST_PAUSE = 10_000;

  private final Mesh mesh;
  private final int index;
  private final ManagedChannel channel;
  private final ScheduledExecutorService later;
  private final Map<String, Map<String, String>> versions = new HashMap<>();
  private final Map<String, Integer> endpoints = new HashMap<>();
  private @Nullable StreamObserver<DeltaDiscoveryRequest> requests;
  private @Nullable Watch seen;
  private int failures;
  private int total;
  private boolean told;

  Client(Mesh mesh, int index, ManagedChannel channel, ScheduledExecutorService later) {
    this.mesh = mesh;
    this.index = index;
    this.channel = channel;
    this.later = later;
    TYPES.forEach(type -> versions.put(type, new HashMap<>()));
  }

  int index() {
    return index;
  }

  int service() {
    return index % mesh.shape().services();
  }

  /** The version that it has of a resource; empty: none. */
  synchronized String version(String type, String name) {
    return of(type).getOrDefault(name, "");
  }

  synchronized int endpoints() {
    return total;
  }

  private Map<String, String> of(String type) {
    return versions.computeIfAbsent(type, key -> new HashMap<>());
  }

  /** Opens a stream, and names what it has from one before. */
  synchronized void start() {
    told = false;
    channel.resetConnectBackoff(); // A sidecar's own is all it has.
    requests = AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(this);
    boolean first = true;
    for (String type : TYPES) {
      boolean wildcard = type.equals(CLUSTER) || type.equals(LISTENER);
      if (!wildcard && of(type).isEmpty()) {
        continue;
      }
      DeltaDiscoveryRequest.Builder request =
          DeltaDiscoveryRequest.newBuilder()
              .setTypeUrl(type)
              .putAllInitialResourceVersions(of(type));
      if (!wildcard) {
        request.addAllResourceNamesSubscribe(of(type).keySet());
      }
      if (first) {
        request.setNode(node());
        first = false;
      }
      send(request);
    }
  }

  private Node node() {
    return mesh.source()
        .node(index)
        .setId(MeshShape.name(service()) + "-" + index)
        .addExtensions(
            io.envoyproxy.envoy.config.core.v3.Extension.newBuilder()
                .setName("weir")
                .addAllTypeUrls(Arrays.stream(Extension.values()).map(Extension::typeUrl).toList()))
        .build();
  }

  /** Tells of traffic from now on, of so many edges to each side. */
  void tell(int edges) {
    Telling _ = new Telling(mesh, index, edges, node(), channel, later);
  }

  static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }

  /** Whether its app accepts. */
  synchronized void health(boolean ready) {
    DeltaDiscoveryRequest.Builder request = DeltaDiscoveryRequest.newBuilder().setTypeUrl(HEALTH);
    send(
        ready
            ? request.addResourceNamesSubscribe(APP_PORT)
            : request.addResourceNamesUnsubscribe(APP_PORT));
  }

  private void send(DeltaDiscoveryRequest.Builder request) {
    if (requests != null) {
      requests.onNext(request.build());
    }
  }

  @Override
  public synchronized void onNext(DeltaDiscoveryResponse response) {
    failures = 0;
    String type = response.getTypeUrl();
    mesh.received(response.getSerializedSize());
    List<String> news = new ArrayList<>();
    for (Resource resource : response.getResourcesList()) {
      if (of(type).put(resource.getName().intern(), resource.getVersion().intern()) == null) {
        news.add(resource.getName());
      }
      if (type.equals(ENDPOINTS)) {
        count(resource);
      }
    }
    for (String name : response.getRemovedResourcesList()) {
      of(type).remove(name);
      Integer gone = type.equals(ENDPOINTS) ? endpoints.remove(name) : null;
      total -= gone == null ? 0 : gone;
    }
    send(DeltaDiscoveryRequest.newBuilder().setTypeUrl(type).setResponseNonce(response.getNonce()));
    if (type.equals(CLUSTER)) {
      subscribe(ENDPOINTS, news.stream().filter(name -> name.startsWith("outbound|")).toList());
      subscribe(ROUTES, news.stream().filter(name -> name.contains("bound|")).toList());
    }
    if (!told && mesh.source().clientsSayWhenTheyAreReady()) {
      told = true;
      health(true);
    }
    watch(type, response);
    mesh.has(this, total);
  }

  private void subscribe(String type, List<String> names) {
    if (!names.isEmpty()) {
      send(DeltaDiscoveryRequest.newBuilder().setTypeUrl(type).addAllResourceNamesSubscribe(names));
    }
  }

  private void count(Resource resource) {
    try {
      int now =
          resource.getResource().unpack(ClusterLoadAssignment.class).getEndpointsList().stream()
              .mapToInt(locality -> locality.getLbEndpointsCount())
              .sum();
      Integer before = endpoints.put(resource.getName(), now);
      total += now - (before == null ? 0 : before);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private void watch(String type, DeltaDiscoveryResponse response) {
    Watch watch = mesh.watch();
    if (watch != null && watch != seen) {
      for (Resource resource : response.getResourcesList()) {
        if (watch.fits(type, resource.getName(), resource.getVersion())) {
          seen = watch;
          watch.seen();
          return;
        }
      }
    }
  }

  /** Comes back as the sidecar does: after a time at random that grows with each failure. */
  @Override
  public synchronized void onError(Throwable why) {
    requests = null;
    mesh.failed(why);
    long longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE << Math.min(failures++, 10));
    if (!mesh.isOver()) {
      later.schedule(
          this::start, ThreadLocalRandom.current().nextLong(longest) + 1, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void onCompleted() {
    onError(new IllegalStateException("ended"));
  }
}
