package dev.weir.sidecar.xds;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.sidecar.config.ConfigSource.Protocol;
import dev.weir.sidecar.log.Log;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one stream of a discovery service open, and what is subscribed to alive over reconnects.
 * Every method is called on the control thread.
 */
public final class StreamClient implements ResourceSource {
  private static final int INTERNAL = 13;

  private final GrpcTransport transport;
  private final DiscoveryService service;
  private final Protocol protocol;
  private final Node node;
  private final ControlThread control;
  private final Backoff backoff;
  private final ResourceHandler handler;
  private final Log log;
  private final Map<ResourceType, Subscription> subscriptions = new EnumMap<>(ResourceType.class);

  private Optional<SortedSet<Integer>> readyPorts = Optional.empty();
  private @Nullable Connection connection;
  private @Nullable Future<?> retry;
  private boolean closed;

  public StreamClient(
      GrpcTransport transport,
      DiscoveryService service,
      Protocol protocol,
      Node node,
      ControlThread control,
      Backoff backoff,
      ResourceHandler handler,
      Log log) {
    this.transport = transport;
    this.service = service;
    this.protocol = protocol;
    this.node = node;
    this.control = control;
    this.backoff = backoff;
    this.handler = handler;
    this.log = log;
    for (ResourceType type : service.inOrder()) {
      subscriptions.put(type, new Subscription());
    }
  }

  @Override
  public void subscribeToAll(ResourceType type) {
    subscription(type).wantAll();
  }

  /**
   * A Delta stream says so in its first requests, and is never told that something is gone which it
   * did not name: one that is open begins anew.
   */
  @Override
  public void inForce(Collection<Resource> resources) {
    wantWhatIsReferredTo();
    for (Resource resource : resources) {
      subscription(resource.type()).had(resource.name(), resource.version());
    }
    Connection open = connection;
    if (open != null && protocol == Protocol.DELTA) {
      open.stream.cancel("what is in force has come from elsewhere");
      connect();
    } else {
      updateSubscriptions();
    }
  }

  /** The application's ports that accept; told to a control plane of Weir's. */
  public void readyPorts(Collection<Integer> ports) {
    readyPorts = Optional.of(new TreeSet<>(ports));
    if (connection != null) {
      connection.stream.readyPorts(readyPorts.get());
    }
  }

  @Override
  public void wantedChanged() {
    updateSubscriptions();
  }

  @Override
  public void start() {
    updateSubscriptions();
    connect();
  }

  @Override
  public void close() {
    closed = true;
    if (connection != null) {
      connection.stream.cancel("the sidecar stops");
      connection = null;
    }
  }

  private Subscription subscription(ResourceType type) {
    Subscription subscription = subscriptions.get(type);
    if (subscription == null) {
      throw new IllegalArgumentException("%s by %s".formatted(type, service.sotw()));
    }
    return subscription;
  }

  private void wantWhatIsReferredTo() {
    subscriptions.forEach((type, subscription) -> subscription.want(handler.wanted(type)));
  }

  private void updateSubscriptions() {
    wantWhatIsReferredTo();
    if (connection != null) {
      connection.stream.subscriptionsChanged();
    }
  }

  @Override
  public void retryNow() {
    Future<?> waiting = retry;
    if (waiting != null && waiting.cancel(false)) {
      connect();
    }
  }

  private void connect() {
    retry = null;
    if (closed) {
      return;
    }
    Connection opened = new Connection();
    connection = opened;
    readyPorts.ifPresent(opened.stream::readyPorts);
    opened.stream.start();
  }

  private void onMessage(Connection from, byte[] message) {
    if (from != connection) {
      return;
    }
    try {
      from.stream.onMessage(message);
      backoff.reset();
      updateSubscriptions();
      from.stream.requestNext();
    } catch (InvalidProtocolBufferException e) {
      abandon(from, "a response is no discovery response: " + e.getMessage());
    } catch (RuntimeException e) {
      abandon(from, "an internal error: " + e);
    }
  }

  private void abandon(Connection from, String why) {
    from.stream.cancel(why);
    onClosed(from, INTERNAL, why);
  }

  private void onClosed(Connection from, int status, String message) {
    if (from != connection) {
      return;
    }
    connection = null;
    retry = control.schedule(backoff.next(), this::connect);
    handler.onDisconnected(status, message);
    updateSubscriptions();
  }

  /** A stream and the callbacks that belong to it alone. */
  private final class Connection implements GrpcTransport.Listener {
    final DiscoveryStream stream;

    Connection() {
      stream =
          switch (protocol) {
            case SOTW ->
                new SotwStream(
                    node, transport.open(service.sotw(), this), handler, subscriptions, log);
            case DELTA ->
                new DeltaStream(
                    node, transport.open(service.delta(), this), handler, subscriptions, log);
          };
    }

    @Override
    public void onMessage(byte[] message) {
      control.execute(() -> StreamClient.this.onMessage(this, message));
    }

    @Override
    public void onClosed(int status, String message) {
      control.execute(() -> StreamClient.this.onClosed(this, status, message));
    }
  }
}
