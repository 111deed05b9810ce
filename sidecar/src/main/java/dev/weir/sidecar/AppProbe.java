package dev.weir.sidecar;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.pool.Connector;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.xds.ControlThread;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Watches which ports of the app accept, and reports it when it changes: an instance is an endpoint
 * once its port accepts. The app's ports are those of static clusters on the loopback. Control
 * thread, which waits for no answer.
 */
final class AppProbe {
  static final Duration INTERVAL = Duration.ofMillis(250);

  /**
   * Once every port accepts, only one look in so many is taken: the app sees a connection for each.
   */
  private static final int LOOKS_SKIPPED = 20;

  /** An app that is so busy that it leaves connections waiting is no endpoint after so many. */
  private static final int MAX_TIMEOUTS = 3;

  private enum Answer {
    ACCEPTED,
    REFUSED,
    TIMED_OUT
  }

  private record Target(LiveCluster cluster, Host host) {}

  private final ClusterManager clusters;
  private final Loops loops;
  private final Connector connector;
  private final ControlThread control;
  private final String controlPlane;
  private final Consumer<List<Integer>> report;

  /** How often in a row each port that accepted has left the connection waiting. */
  private final Map<Integer, Integer> timeouts = new HashMap<>();

  private List<Integer> reported = List.of();
  private boolean looking;
  private boolean stopped;
  private boolean withheld;
  private int skip;

  /**
   * @param controlPlane the cluster of the control plane, which may be on the loopback too
   */
  AppProbe(
      ClusterManager clusters,
      Loops loops,
      Connector connector,
      ControlThread control,
      String controlPlane,
      Consumer<List<Integer>> report) {
    this.clusters = clusters;
    this.loops = loops;
    this.connector = connector;
    this.control = control;
    this.controlPlane = controlPlane;
    this.report = report;
  }

  /** Looks at every port, if it is time to and the last look is over. */
  void run() {
    if (skip > 0) {
      skip--;
    } else if (!looking) {
      look();
    }
  }

  /** {@link Connector}'s timeout bounds it. */
  private void look() {
    Map<Integer, CompletableFuture<Answer>> answers = new TreeMap<>();
    targets().forEach((port, target) -> answers.put(port, connect(target)));
    looking = true;
    CompletableFuture<?> _ =
        CompletableFuture.allOf(answers.values().toArray(CompletableFuture[]::new))
            .thenRun(() -> control.execute(() -> take(answers)));
  }

  private Map<Integer, Target> targets() {
    Map<Integer, Target> targets = new TreeMap<>();
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
          targets.put(address.getPort(), new Target(cluster, host));
        }
      }
    }
    return targets;
  }

  private CompletableFuture<Answer> connect(Target target) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Loop loop = loops.get(0);
    Connector.Outcome outcome =
        new Connector.Outcome() {
          @Override
          public void connected(Channel channel) {
            channel.close();
            answer.complete(Answer.ACCEPTED);
          }

          @Override
          public void failed(boolean timeout, String reason) {
            answer.complete(timeout ? Answer.TIMED_OUT : Answer.REFUSED);
          }
        };
    loop.eventLoop()
        .execute(() ->
            connector.connect(
                loop,
                target.cluster(),
                target.host(),
                null, // whether it accepts, not what it speaks
                new ChannelInboundHandlerAdapter(),
                outcome));
    return answer;
  }

  private void take(Map<Integer, CompletableFuture<Answer>> answers) {
    looking = false;
    timeouts.keySet().retainAll(answers.keySet());
    TreeSet<Integer> open = new TreeSet<>();
    boolean allAccept = !answers.isEmpty();
    for (Map.Entry<Integer, CompletableFuture<Answer>> entry : answers.entrySet()) {
      Answer answer = entry.getValue().join(); // it is there
      allAccept &= answer == Answer.ACCEPTED;
      if (accepts(entry.getKey(), answer)) {
        open.add(entry.getKey());
      }
    }
    skip = allAccept ? LOOKS_SKIPPED : 0;
    List<Integer> now = List.copyOf(open);
    if (!stopped && !now.equals(reported)) {
      reported = now;
      if (!withheld) {
        report.accept(now);
      }
    }
  }

  private boolean accepts(int port, Answer answer) {
    if (answer != Answer.TIMED_OUT) {
      timeouts.remove(port);
      return answer == Answer.ACCEPTED;
    }
    return reported.contains(port) && timeouts.merge(port, 1, Integer::sum) < MAX_TIMEOUTS;
  }

  /** While it is {@code withheld}, what accepts is reported as if nothing did. */
  void withhold(boolean now) {
    withheld = now;
    if (!stopped) {
      report.accept(withheld ? List.of() : reported);
    }
  }

  /** Nothing more is reported: the sidecar drains. */
  void stop() {
    stopped = true;
  }
}
