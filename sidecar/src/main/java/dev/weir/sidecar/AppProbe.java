package dev.weir.sidecar;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.config.Cluster;
import dev.weir.sidecar.pool.Connector;
import dev.weir.sidecar.runtime.Loops;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Watches which ports of the app accept, and reports it when it changes: an instance is an endpoint
 * once its port accepts. The app's ports are those of static clusters on the loopback. Control
 * thread.
 */
final class AppProbe {
  static final long INTERVAL_MILLIS = 250;

  /**
   * Once every port accepts, only one look in so many is taken: the app sees a connection for each.
   */
  private static final int LOOKS_SKIPPED = 20;

  private final ClusterManager clusters;
  private final Loops loops;
  private final Connector connector;
  private final String controlPlane;
  private final Consumer<List<Integer>> report;
  private List<Integer> reported = List.of();
  private boolean stopped;
  private int skip;

  /**
   * @param controlPlane the cluster of the control plane, which may be on the loopback too
   */
  AppProbe(
      ClusterManager clusters,
      Loops loops,
      Connector connector,
      String controlPlane,
      Consumer<List<Integer>> report) {
    this.clusters = clusters;
    this.loops = loops;
    this.connector = connector;
    this.controlPlane = controlPlane;
    this.report = report;
  }

  /** One look at every port; {@link Connector}'s timeout bounds it. */
  void run() {
    if (skip > 0) {
      skip--;
      return;
    }
    List<CompletableFuture<Integer>> answers = new ArrayList<>();
    TreeMap<Integer, LiveCluster> ports = new TreeMap<>();
    TreeMap<Integer, Host> hosts = new TreeMap<>();
    for (LiveCluster cluster : clusters.all().values()) {
      boolean ofApp =
          cluster.config().discovery() instanceof Cluster.Discovery.Static
              && !cluster.name().equals(controlPlane);
      if (!ofApp) {
        continue;
      }
      for (Host host : cluster.hosts().all()) {
        if (host.socketAddress() instanceof InetSocketAddress address
            && address.getAddress().isLoopbackAddress()) {
          ports.put(address.getPort(), cluster);
          hosts.put(address.getPort(), host);
        }
      }
    }
    hosts.forEach((port, host) -> {
      LiveCluster cluster = ports.get(port);
      if (cluster != null) {
        answers.add(accepts(port, cluster, host));
      }
    });
    CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).join();
    Set<Integer> open = new TreeSet<>();
    answers.forEach(answer -> open.add(answer.join()));
    open.remove(0);
    List<Integer> now = List.copyOf(open);
    skip = !now.isEmpty() && now.size() == hosts.size() ? LOOKS_SKIPPED : 0;
    if (!stopped && !now.equals(reported)) {
      reported = now;
      report.accept(now);
    }
  }

  /** The port, or 0 if nobody accepts there. */
  private CompletableFuture<Integer> accepts(int port, LiveCluster cluster, Host host) {
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    Executor loop = loops.get(0).eventLoop();
    loop.execute(() ->
        connector.connect(
            loops.get(0),
            cluster,
            host,
            new ChannelInboundHandlerAdapter(),
            new Connector.Outcome() {
              @Override
              public void connected(Channel channel) {
                channel.close();
                answer.complete(port);
              }

              @Override
              public void failed(boolean timeout, String reason) {
                answer.complete(0);
              }
            }));
    return answer;
  }

  /** Nothing more is reported: the sidecar drains. */
  void stop() {
    stopped = true;
  }
}
