package dev.weir.sidecar.filter.http.router;

import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.cluster.UpstreamFilters;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.config.route.RouteAction.Priority;
import dev.weir.sidecar.filter.HttpFilterFactory;
import dev.weir.sidecar.http.ClientConnection;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.manager.ChainHarness;
import dev.weir.sidecar.pool.Connector;
import dev.weir.sidecar.pool.Pending;
import dev.weir.sidecar.pool.Pools;
import dev.weir.sidecar.pool.StreamCallbacks;
import dev.weir.sidecar.route.RouteTable;
import dev.weir.sidecar.testkit.TestCluster;
import dev.weir.sidecar.transport.ServerName;
import dev.weir.sidecar.transport.TlsSession;
import dev.weir.sidecar.upstream.ReplayBudget;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A router between a client and hosts that are both the test: no sockets, and time passes when it
 * is told to. What leaves on either side is in one log: {@code <} to the client, {@code 1>} to the
 * host of the first call.
 */
final class RouterHarness implements AutoCloseable {
  final ChainHarness client = new ChainHarness().direction(TrafficDirection.OUTBOUND);
  final TestCluster cluster;
  final RetryStops stops = new RetryStops(client.clock);
  final MirrorCount mirrors = new MirrorCount();

  /** What was sent to hosts, in its order. */
  final List<Call> calls = new ArrayList<>();

  private final List<String> filters = new ArrayList<>();
  private final HandPools pools;
  private ReplayBudget budget = new ReplayBudget(1 << 20);
  private boolean suppressEnvoyHeaders;
  private boolean connects = true;
  private boolean full;
  private boolean reading = true;
  private Protocol protocol = Protocol.HTTP1;

  /** A route with {@code action} beside its cluster, which has hosts at {@code ports}. */
  static RouterHarness of(String action, int... ports) {
    return new RouterHarness(null, "", ports).route(action);
  }

  /**
   * @param filters of the cluster; null: the sidecar's own
   * @param yaml of the cluster
   */
  RouterHarness(@Nullable UpstreamFilters filters, String yaml, int... ports) {
    cluster = new TestCluster(filters, yaml, ports);
    pools = new HandPools();
    client.terminal(context ->
        new RouterFilter(
            context,
            new RouterParts(
                new RouterConfig(suppressEnvoyHeaders),
                cluster.clusters(),
                pools,
                budget,
                stops,
                mirrors)));
  }

  RouterHarness route(String action) {
    return table("route: {cluster: app, %s}".formatted(action));
  }

  /** A copy is due {@code yaml}; the action is as for {@link #route}. */
  RouterHarness hedging(String yaml, String action) {
    return table(
        ("route: {cluster: app, %s}, typed_per_filter_config: {router: {\"@type\":"
                + " type.googleapis.com/weir.extensions.filters.http.router.v1alpha1.Hedging, %s}}")
            .formatted(action, yaml));
  }

  /**
   * @param yaml what the one route has beside its match
   */
  RouterHarness table(String yaml) {
    return table(yaml, "");
  }

  /**
   * @param host what its virtual host has beside it
   */
  RouterHarness table(String yaml, String host) {
    String table =
        ("{name: t, virtual_hosts: [{name: v, domains: [\"*\"], routes: [{match: {prefix: /}, %s}],"
                + " %s}]}")
            .formatted(yaml, host);
    List<String> names = new ArrayList<>(filters);
    names.add("router");
    client.routes(
        new RouteTable(
            dev.weir.sidecar.testkit.Resources.routes(
                YamlReader.read("table", table).documents().getFirst()),
            names,
            (index, config) -> RouterFactory.compileRoute(config)));
    return this;
  }

  /** Before the route is given. */
  RouterHarness filter(HttpFilterFactory factory) {
    filters.add("filter-" + filters.size());
    client.filter(factory);
    return this;
  }

  RouterHarness budget(int bytes) {
    budget = new ReplayBudget(bytes);
    return this;
  }

  long budgetLeft() {
    return budget.left();
  }

  RouterHarness suppressEnvoyHeaders() {
    suppressEnvoyHeaders = true;
    return this;
  }

  /** Whether calls have a connection at once; else by {@link Call#connect}. */
  RouterHarness connects(boolean now) {
    connects = now;
    return this;
  }

  /** What is written to connections piles up from the first byte on. */
  RouterHarness fullConnections() {
    full = true;
    return this;
  }

  RouterHarness speaks(Protocol spoken) {
    protocol = spoken;
    return this;
  }

  Pools pools() {
    return pools;
  }

  // ---- the client

  /** A GET without a body, with these fields. */
  RouterHarness get(String... fields) {
    client.request(request("GET", fields), true);
    return this;
  }

  /** A POST whose body is to come. */
  RouterHarness post(String... fields) {
    client.request(request("POST", fields), false);
    return this;
  }

  static Headers request(String method, String... fields) {
    return with(Headers.request(method, "app", "/"), fields);
  }

  private static Headers with(Headers headers, String... fields) {
    for (String field : fields) {
      int colon = field.indexOf(':');
      headers.add(field.substring(0, colon), field.substring(colon + 1).strip());
    }
    return headers;
  }

  RouterHarness advance(long millis) {
    client.advance(Duration.ofMillis(millis));
    return this;
  }

  // ---- the hosts

  /** 1 for the first. */
  Call call(int number) {
    return calls.get(number - 1);
  }

  /** One stream to a host, and its connection. */
  final class Call implements StreamEncoder, ClientConnection, Pending {
    final Host host;
    private final int number = calls.size() + 1;
    private final StreamDecoder decoder;
    private final StreamCallbacks callbacks;
    private @Nullable Headers head;

    Call(Host host, StreamDecoder decoder, StreamCallbacks callbacks) {
      this.host = host;
      this.decoder = decoder;
      this.callbacks = callbacks;
    }

    /** As the host has it. */
    Headers head() {
      return Objects.requireNonNull(head);
    }

    void connect() {
      callbacks.ready(this, this);
    }

    void refuse() {
      fail(ResetReason.CONNECT_FAILURE, "connection_refused");
    }

    /** There will be no connection. */
    void fail(ResetReason reason, String details) {
      callbacks.failed(reason, details);
    }

    /** A whole response without a body. */
    Call answer(int status, String... fields) {
      decoder.headers(with(Headers.response(status), fields), true);
      return this;
    }

    Call head(int status, String... fields) {
      decoder.headers(with(Headers.response(status), fields), false);
      return this;
    }

    Call informational(int status) {
      decoder.informational(Headers.response(status));
      return this;
    }

    Call body(String text, boolean end) {
      decoder.data(ChainHarness.bytes(text), end);
      return this;
    }

    Call trailers(String... fields) {
      decoder.trailers(with(Headers.empty(), fields));
      return this;
    }

    void reset(ResetReason reason, String details) {
      decoder.reset(reason, details);
    }

    void drained(boolean writable) {
      decoder.writable(writable);
    }

    private void note(String what) {
      client.log.add(number + "> " + what);
    }

    @Override
    public void informational(Headers headers) {
      throw new AssertionError("downstream only");
    }

    @Override
    public void headers(Headers headers, boolean endStream) {
      head = headers.copy();
      note(headers.method() + (endStream ? " end" : ""));
    }

    @Override
    public void data(ByteBuf data, boolean endStream) {
      note(data.toString(StandardCharsets.ISO_8859_1) + (endStream ? " end" : ""));
      data.release();
    }

    @Override
    public void trailers(Headers trailers) {
      note("trailers");
    }

    @Override
    public void reset(ResetReason reason) {
      note("reset");
    }

    @Override
    public void readDisable(boolean disable) {
      note("reads " + (disable ? "off" : "on"));
    }

    @Override
    public boolean writable() {
      return !full;
    }

    @Override
    public void cancel() {
      note("cancel");
    }

    @Override
    public Protocol protocol() {
      return protocol;
    }

    @Override
    public int requests() {
      return number;
    }

    @Override
    public @Nullable TlsSession tls() {
      return null;
    }

    @Override
    public StreamEncoder newStream(StreamDecoder of) {
      throw new AssertionError("it is the call's");
    }
  }

  private final class HandPools extends Pools {
    HandPools() {
      super(client.loop(), cluster.slab(), new Connector(cluster.loops()), 1);
    }

    @Override
    public @Nullable Pending newStream(
        LiveCluster of,
        Host host,
        @Nullable ServerName called,
        Protocol downstream,
        Resources resources,
        StreamDecoder decoder,
        StreamCallbacks callbacks) {
      Call call = new Call(host, decoder, callbacks);
      calls.add(call);
      if (!connects) {
        return call;
      }
      call.connect();
      return null;
    }
  }

  // ---- what can be seen

  /**
   * Takes what has left on either side since the last call; of the client's reads, when they pause
   * and when they go on.
   */
  List<String> seen() {
    List<String> seen = new ArrayList<>();
    for (String part : client.seen()) {
      if (!part.startsWith("< reads")) {
        seen.add(part);
      } else if (reading == part.endsWith("off")) {
        reading = !reading;
        seen.add(part);
      }
    }
    return seen;
  }

  StreamInfo info() {
    return client.router().info();
  }

  boolean flagged(ResponseFlag flag) {
    return (info().flags & flag.bit()) != 0;
  }

  String cause() {
    return info().cause == null ? "" : info().cause.text();
  }

  long stat(String name) {
    return cluster.stat(name);
  }

  Resources inUse() {
    return cluster.live().resources(Priority.DEFAULT);
  }

  @Override
  public void close() {
    client.clientGone().close();
    cluster.close();
  }
}
