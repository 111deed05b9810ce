package dev.weir.sidecar.admin;

import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.listener.ClientCertificates;
import dev.weir.sidecar.config.listener.ClientCertificates.Forward;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.config.route.HeaderMutation;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.route.RouteSource;
import dev.weir.sidecar.detect.Detection;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.http.Grpc;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.http.ServerStream;
import dev.weir.sidecar.http.StreamEncoder;
import dev.weir.sidecar.http.h1.Http1ServerConnection;
import dev.weir.sidecar.http.h2.Http2ServerConnection;
import dev.weir.sidecar.metrics.MetricsPage;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.runtime.SocketAddresses;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Serves pages on the first event loop, by HTTP/1.1 and, if it is to, HTTP/2. */
public final class AdminServer implements AutoCloseable {
  private static final int MOST_READERS = 32;

  /** Pages that are made at once: a stream that was reset leaves one behind. */
  private static final int MOST_PAGES = 128;

  /** By gRPC at once; each may be some megabytes. */
  private static final int MOST_ANSWERS = 4;

  /** Of one connection; what comes before it is looked at is a window of each. */
  private static final int MOST_STREAMS = 32;

  private static final int WINDOW = 65535;

  private final Loops loops;
  private final Service service;
  private final Patience patience;
  private final HttpConnectionManager config;
  private final Semaphore work = new Semaphore(MOST_PAGES);
  private final Semaphore answers = new Semaphore(MOST_ANSWERS);

  /** In the order they came. The first loop's. */
  private final Set<Channel> connections = new LinkedHashSet<>();

  private @Nullable Channel socket;

  /**
   * What is served.
   *
   * @param name in what is said to the operator
   * @param addressSetting what says where it listens
   * @param portSetting what says at which port
   * @param mostConnections that are open at a time; one more takes the place of the oldest
   * @param http2 what there is by gRPC, made when it is asked for; empty: nothing, and HTTP/1.1
   *     alone is spoken
   */
  record Service(
      Pages pages,
      String name,
      String addressSetting,
      String portSetting,
      int mostConnections,
      Optional<Supplier<GrpcMethods>> http2) {}

  AdminServer(Loops loops, Service service, Patience patience) {
    this.loops = loops;
    this.service = service;
    this.patience = patience;
    this.config = config(patience);
  }

  private static HttpConnectionManager config(Patience patience) {
    return new HttpConnectionManager(
        "admin",
        HttpConnectionManager.Codec.AUTO,
        new RouteSource.Inline(
            new RouteConfiguration(
                "",
                List.of(),
                HeaderMutation.NONE,
                HeaderMutation.NONE,
                java.util.Map.of(),
                false,
                false)),
        List.of(),
        List.of(),
        Optional.empty(),
        new HttpConnectionManager.Limits(60 << 10, 100, 0),
        new HttpConnectionManager.Timeouts(
            patience.idle(),
            patience.taken(),
            Duration.ZERO,
            patience.begun(),
            Duration.ZERO,
            Duration.ofSeconds(1)),
        new Http2Options(MOST_STREAMS, WINDOW, Optional.empty()),
        new HttpConnectionManager.PathOptions(
            false, false, HttpConnectionManager.EscapedSlashes.KEEP),
        new HttpConnectionManager.ForwardedOptions(false, false, false, false, false),
        new ClientCertificates(
            Optional.empty(), Forward.SANITIZE, false, false, false, false, false),
        new HttpConnectionManager.ServerHeader(
            HttpConnectionManager.ServerHeader.Action.OVERWRITE, "weir"),
        Set.of());
  }

  /** The admin pages, for who is on this machine. */
  public static AdminServer admin(
      Loops loops, AdminState state, MetricsPage metrics, AdminActions actions) {
    return new AdminServer(
        loops,
        new Service(
            new AdminPages(state, metrics, actions),
            "admin",
            "admin.address",
            "admin.address.socket_address.port_value",
            Integer.MAX_VALUE,
            Optional.of(() -> new ClientStatus(state))),
        Patience.STANDARD);
  }

  /** The metrics alone, for whoever reaches the pod. */
  public static AdminServer metrics(Loops loops, MetricsPage metrics) {
    return new AdminServer(
        loops,
        new Service(
            new MetricsPages(metrics),
            "metrics",
            "--metrics",
            "--metrics",
            MOST_READERS,
            Optional.empty()),
        Patience.STANDARD);
  }

  /** Listens; a problem, if there is one, is a line for the operator. */
  public Optional<String> bind(SocketAddress address) {
    return bind(
        SocketAddresses.of(address), address instanceof SocketAddress.Pipe, address.toString());
  }

  /** The same. */
  public Optional<String> bind(InetSocketAddress address) {
    return bind(address, false, NetUtil.toSocketAddressString(address));
  }

  private Optional<String> bind(java.net.SocketAddress address, boolean domain, String said) {
    Loop loop = loops.get(0);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loop.eventLoop(), loop.eventLoop())
            .channelFactory(() -> loops.newServerChannel(domain))
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (connections.size() >= service.mostConnections()) {
                      connections.iterator().next().close();
                    }
                    connections.add(channel);
                    channel.closeFuture().addListener(_ -> connections.remove(channel));
                    Destination destination = new Destination(channel.localAddress(), false);
                    channel
                        .pipeline()
                        .addLast(
                            service.http2().isPresent()
                                ? new AdminCodec(
                                    loop, patience, spoken -> codec(spoken, loop, destination))
                                : codec(Detection.HTTP1, loop, destination));
                  }
                });
    if (!domain) {
      bootstrap.option(ChannelOption.SO_REUSEADDR, true);
    }
    ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      return Optional.of(
          service.name()
              + ": cannot listen on "
              + said
              + ": "
              + wayOut(String.valueOf(bound.cause().getMessage())));
    }
    socket = bound.channel();
    return Optional.empty();
  }

  /** What is not asked for is not loaded: neither codec is a case of what the other is. */
  private ChannelHandler codec(Detection spoken, Loop loop, Destination destination) {
    if (spoken == Detection.HTTP2) {
      return Http2ServerConnection.create(
          loop, config, TrafficDirection.UNSPECIFIED, destination, new Owner());
    }
    return new Http1ServerConnection(
        loop, config, TrafficDirection.UNSPECIFIED, destination, new Owner());
  }

  /** By gRPC is answered what is asked so, over the protocol that has trailers everywhere. */
  private ServerStream answering(ServerConnection connection, StreamEncoder encoder, Headers head) {
    return service.http2().isPresent()
            && connection.protocol() == Protocol.HTTP2
            && head.methodIs("POST")
            && Grpc.is(head)
        ? new GrpcCall(connection, encoder, service.http2().get().get(), answers, patience)
        : new PageStream(connection, encoder, service.pages(), work, patience);
  }

  private String wayOut(String why) {
    return why.contains("Address already in use")
        ? "the port is in use; stop what listens there, or change " + service.portSetting()
        : why + "; change " + service.addressSetting();
  }

  public Optional<java.net.SocketAddress> address() {
    return Optional.ofNullable(socket).map(Channel::localAddress);
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close().awaitUninterruptibly(1000);
    }
  }

  private final class Owner implements ServerConnection.Owner {
    @Override
    public ServerStream newStream(ServerConnection connection, StreamEncoder encoder) {
      return new AdminStream(head -> answering(connection, encoder, head));
    }

    @Override
    public void malformed(ServerConnection connection, int status, String details) {}

    @Override
    public void closed(ServerConnection connection) {}
  }
}
