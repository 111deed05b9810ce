package dev.weir.sidecar.manager;

import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.filter.HttpFilterFactory;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.route.RouteTable;
import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.runtime.Incidents;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.testkit.HandClock;
import dev.weir.sidecar.testkit.TestConfig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A stream and its filters without sockets: the test is the codec before it, the router behind it,
 * and the clock. What leaves on either side is noted in {@link #log}, a word for each part.
 */
public final class ChainHarness implements AutoCloseable {
  private static final HttpConnectionManager CONFIG = TestConfig.to(1).manager();

  private static final SocketAddress CLIENT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 50_000);

  public final HandClock clock = new HandClock();

  /** {@code >} to the router, {@code <} to the client, in their order. */
  public final List<String> log = new ArrayList<>();

  /** What the program did wrong. */
  public final List<String> incidents = new ArrayList<>();

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Loop loop;
  private final List<HttpChain.FilterSlot> filters = new ArrayList<>();
  private @Nullable ActiveStream stream;
  private @Nullable TerminalContext router;
  private @Nullable Headers response;
  private long wakeAt = Long.MAX_VALUE;
  private int bufferLimit = 1 << 16;
  private RouteTable routes = RouteTable.EMPTY;
  private boolean writable = true;
  private Function<TerminalContext, TerminalFilter> terminal = context -> new Terminal();
  private TrafficDirection direction = TrafficDirection.INBOUND;
  private Destination destination = new Destination(CLIENT, false);

  public ChainHarness() {
    channel.freezeTime();
    loop =
        new Loop(
            0,
            channel.eventLoop(),
            clock,
            new SplittableRandom(1),
            new Incidents(incidents::add, () -> {}, Clock.SYSTEM));
  }

  /** Adds a filter, before the stream begins. */
  public ChainHarness filter(HttpFilterFactory factory) {
    filters.add(new HttpChain.FilterSlot("filter-" + filters.size(), factory, false));
    return this;
  }

  public ChainHarness bufferLimit(int bytes) {
    bufferLimit = bytes;
    return this;
  }

  public ChainHarness routes(RouteTable table) {
    routes = table;
    return this;
  }

  /** What ends the chain in place of the test. */
  public ChainHarness terminal(Function<TerminalContext, TerminalFilter> make) {
    terminal = make;
    return this;
  }

  public ChainHarness direction(TrafficDirection to) {
    direction = to;
    return this;
  }

  /** Where the client was going. */
  public ChainHarness destination(Destination to) {
    destination = to;
    return this;
  }

  public Loop loop() {
    return loop;
  }

  // ---- the client's side

  public ChainHarness request(Headers headers, boolean end) {
    HttpChain chain =
        new HttpChain(
            "test",
            CONFIG,
            filters,
            this::router,
            routes,
            List.of(),
            Optional.empty(),
            bufferLimit);
    Stats stats = new Stats(2);
    ActiveStream made =
        new ActiveStream(
            chain,
            new Connection(),
            new Encoder(),
            new ManagerStats(stats.newScope(), "test"),
            ConnectionManager.NO_PEER,
            stats.slab(0));
    stream = made;
    made.headers(headers, end);
    return this;
  }

  public ChainHarness get() {
    return request(Headers.request("GET", "app", "/"), true);
  }

  public ChainHarness post() {
    return request(Headers.request("POST", "app", "/"), false);
  }

  public ChainHarness body(String text, boolean end) {
    stream().data(bytes(text), end);
    return this;
  }

  public ChainHarness requestTrailers() {
    stream().trailers(Headers.empty());
    return this;
  }

  public ChainHarness clientGone() {
    stream().reset(ResetReason.CONNECTION_TERMINATION, "gone");
    return this;
  }

  public ChainHarness writable(boolean now) {
    writable = now;
    stream().writable(now);
    return this;
  }

  /** Lets time pass; what is due by then runs. */
  public ChainHarness advance(Duration by) {
    clock.advance(by);
    channel.advanceTimeBy(by.toNanos(), TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
    if (clock.nanoTime() >= wakeAt) {
      wakeAt = stream().deadline(clock.nanoTime());
    }
    return this;
  }

  // ---- the router's side

  public ChainHarness respond(int status, boolean end) {
    router().responseHeaders(Headers.response(status), end);
    return this;
  }

  public ChainHarness respondBody(String text, boolean end) {
    router().responseData(bytes(text), end);
    return this;
  }

  public ChainHarness respondTrailers() {
    router().responseTrailers(Headers.empty());
    return this;
  }

  public ChainHarness informational(int status) {
    router().informational(Headers.response(status));
    return this;
  }

  /** As seen by the client. */
  public Headers response() {
    return Objects.requireNonNull(response);
  }

  public TerminalContext router() {
    return Objects.requireNonNull(router);
  }

  ActiveStream stream() {
    return Objects.requireNonNull(stream);
  }

  /** Takes what was noted since the last call. */
  public List<String> seen() {
    List<String> seen = List.copyOf(log);
    log.clear();
    return seen;
  }

  public static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  private TerminalFilter router(TerminalContext context) {
    router = context;
    return terminal.apply(context);
  }

  private final class Terminal implements TerminalFilter {
    @Override
    public void requestHeaders(Headers headers, boolean endStream) {
      log.add("> " + headers.method() + (endStream ? " end" : ""));
    }

    @Override
    public void requestData(ByteBuf data, boolean endStream) {
      log.add("> " + text(data) + (endStream ? " end" : ""));
    }

    @Override
    public void requestTrailers(Headers trailers) {
      log.add("> trailers");
    }

    @Override
    public void downstreamWritable(boolean nowWritable) {
      log.add("> writable " + nowWritable);
    }

    @Override
    public void destroy() {
      log.add("> destroy");
    }
  }

  private static String text(ByteBuf data) {
    String text = data.toString(StandardCharsets.ISO_8859_1);
    data.release();
    return text;
  }

  private final class Encoder implements StreamEncoder {
    @Override
    public void informational(Headers headers) {
      log.add("< " + headers.status());
    }

    @Override
    public void headers(Headers headers, boolean endStream) {
      response = headers;
      log.add("< " + headers.status() + (endStream ? " end" : ""));
    }

    @Override
    public void data(ByteBuf data, boolean endStream) {
      log.add("< " + text(data) + (endStream ? " end" : ""));
    }

    @Override
    public void trailers(Headers trailers) {
      log.add("< trailers");
    }

    @Override
    public void reset(ResetReason reason) {
      log.add("< reset");
    }

    @Override
    public void readDisable(boolean disable) {
      log.add("< reads " + (disable ? "off" : "on"));
    }

    @Override
    public boolean writable() {
      return writable;
    }
  }

  private final class Connection implements ServerConnection {
    @Override
    public Loop loop() {
      return loop;
    }

    @Override
    public Protocol protocol() {
      return Protocol.HTTP1;
    }

    @Override
    public TrafficDirection direction() {
      return direction;
    }

    @Override
    public SocketAddress remoteAddress() {
      return CLIENT;
    }

    @Override
    public Destination destination() {
      return destination;
    }

    @Override
    public void wakeAt(long nanos) {
      wakeAt = Math.min(wakeAt, nanos);
    }

    @Override
    public void drain() {}

    @Override
    public void close() {}
  }

  @Override
  public void close() {
    channel.close();
  }
}
