package dev.weir.sidecar.xds;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.weir.sidecar.config.bootstrap.DynamicResources.Protocol;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one ADS stream open, and what is subscribed to alive over reconnects. Every method is
 * called on the control thread.
 */
public final class AdsClient {
  private static final int INTERNAL = 13;

  private final AdsTransport transport;
  private final Protocol protocol;
  private final Node node;
  private final ControlThread control;
  private final Backoff backoff;
  private final ResourceHandler handler;
  private final Consumer<String> log;
  private final Map<ResourceType, Subscription> subscriptions = new EnumMap<>(ResourceType.class);

  private Optional<SortedSet<Integer>> readyPorts = Optional.empty();
  private @Nullable Connection connection;
  private @Nullable Future<?> retry;
  private boolean closed;

  public AdsClient(
      AdsTransport transport,
      Protocol protocol,
      Node node,
      ControlThread control,
      Backoff backoff,
      ResourceHandler handler,
      Consumer<String> log) {
    this.transport = transport;
    this.protocol = protocol;
    this.node = node;
    this.control = control;
    this.backoff = backoff;
    this.handler = handler;
    this.log = log;
    for (ResourceType type : ResourceType.values()) {
      subscriptions.put(type, new Subscription());
    }
  }

  /** Asks for all there are of {@code type}. Before {@link #start}. */
  public void subscribeToAll(ResourceType type) {
    subscription(type).wantAll();
  }

  /**
   * What is in force already, from elsewhere. A Delta stream says so in its first requests, and is
   * never told that something is gone which it did not name: one that is open begins anew.
   */
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

  /** What the handler wants is another set of names. */
  public void wantedChanged() {
    updateSubscriptions();
  }

  public void start() {
    updateSubscriptions();
    connect();
  }

  public void close() {
    closed = true;
    if (connection != null) {
      connection.stream.cancel("the sidecar stops");
      connection = null;
    }
  }

  private Subscription subscription(ResourceType type) {
    return subscriptions.computeIfAbsent(type, each -> new Subscription());
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

  /** What kept it from connecting may be over: it does not wait any longer. */
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
  private final class Connection implements AdsTransport.Listener {
    final AdsStream stream;

    Connection() {
      stream =
          switch (protocol) {
            case SOTW ->
                new SotwStream(
                    node, transport.open(SotwStream.PATH, this), handler, subscriptions, log);
            case DELTA ->
                new DeltaStream(
                    node, transport.open(DeltaStream.PATH, this), handler, subscriptions, log);
          };
    }

    @Override
    public void onMessage(byte[] message) {
      control.execute(() -> AdsClient.this.onMessage(this, message));
    }

    @Override
    public void onClosed(int status, String message) {
      control.execute(() -> AdsClient.this.onClosed(this, status, message));
    }
  }
}
