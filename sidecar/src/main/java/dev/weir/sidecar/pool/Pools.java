package dev.weir.sidecar.pool;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.runtime.IdleList;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.transport.ServerName;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The pools of one loop. That loop's thread, but for {@link #removed}. */
public class Pools {
  private final Loop loop;
  private final StatSlab slab;
  private final Connector connector;
  private final IdleList idle;
  private final HostPools http1 = new HostPools();
  private final HostPools http2 = new HostPools();

  /** Where ALPN decides. */
  private final HostPools agreed = new HostPools();

  /**
   * @param mostIdle connections kept for later, over all hosts; the longest idle goes first
   */
  public Pools(Loop loop, StatSlab slab, Connector connector, int mostIdle) {
    this.idle = new IdleList(mostIdle);
    this.loop = loop;
    this.slab = slab;
    this.connector = connector;
  }

  public Loop loop() {
    return loop;
  }

  public StatSlab slab() {
    return slab;
  }

  public Connector connector() {
    return connector;
  }

  /**
   * Finds or makes a connection to {@code host} for a request; null if the callbacks have been
   * called already.
   *
   * @param called in place of what the cluster's transport socket says; null for that
   * @param downstream the version the request came with
   */
  public @Nullable Pending newStream(
      LiveCluster cluster,
      Host host,
      @Nullable ServerName called,
      Protocol downstream,
      Resources resources,
      StreamDecoder decoder,
      StreamCallbacks callbacks) {
    return pool(cluster, host, called, downstream).newStream(decoder, resources, callbacks);
  }

  private Pool pool(
      LiveCluster cluster, Host host, @Nullable ServerName called, Protocol downstream) {
    Cluster.Protocol protocol = cluster.config().protocol();
    Http2Options options = http2(protocol, downstream);
    HostPools pools =
        options == null ? http1 : protocol instanceof Cluster.Protocol.Auto ? agreed : http2;
    Pool pool = pools.get(host, called);
    if (pool == null) {
      pool = newPool(cluster, host, called, options, pools);
      pools.put(host, called, pool);
      if (host.removed()) {
        pool.drain();
      }
    }
    return pool;
  }

  private Pool newPool(
      LiveCluster cluster,
      Host host,
      @Nullable ServerName called,
      @Nullable Http2Options options,
      HostPools pools) {
    Opener opener =
        (protocols, force, accepts) ->
            new HostConnections(
                loop, slab, connector, cluster, host, called, idle, protocols, force, accepts);
    Runnable emptied = () -> pools.remove(host, called);
    if (options == null) {
      HostConnections connections =
          opener.open(List.of("http/1.1"), false, agreed -> !agreed.equals("h2"));
      return new Http1Pool(connections, connections.newWaiters(), emptied);
    }
    if (pools == agreed) {
      return new AlpnPool(
          (offered, accepts) -> opener.open(offered, true, accepts), options, emptied);
    }
    HostConnections connections =
        opener.open(List.of("h2"), false, agreed -> !agreed.equals("http/1.1"));
    return new Http2Pool(connections, options, connections.newWaiters(), emptied, null);
  }

  private interface Opener {
    HostConnections open(List<String> protocols, boolean force, Predicate<String> accepts);
  }

  /** Drains the pools of hosts that are gone. Any thread. */
  public void removed(List<Host> hosts) {
    loop.eventLoop()
        .execute(() -> {
          for (Host host : hosts) {
            http1.drain(host);
            http2.drain(host);
            agreed.drain(host);
          }
        });
  }

  /** The options of HTTP/2 if that is what to speak, or may be; null for HTTP/1.1. */
  private static @Nullable Http2Options http2(Cluster.Protocol protocol, Protocol downstream) {
    return switch (protocol) {
      case Cluster.Protocol.Http1() -> null;
      case Cluster.Protocol.Http2(Http2Options options) -> options;
      case Cluster.Protocol.Auto(Http2Options options) -> options;
      case Cluster.Protocol.UseDownstream(Http2Options options) ->
          downstream == Protocol.HTTP2 ? options : null;
    };
  }
}
