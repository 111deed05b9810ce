package dev.weir.sidecar.dns;

import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Endpoint;
import dev.weir.sidecar.config.cluster.DnsDiscovery;
import dev.weir.sidecar.config.cluster.DnsDiscovery.Name;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.xds.ControlThread;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One name of a cluster, looked up again and again, and its last addresses: a failure leaves them
 * as they are, as does an answer without addresses where there is to be one host (Envoy's
 * logical_dns_cluster.cc). Control thread.
 */
final class WatchedName {
  private final String cluster;
  private final Name name;
  private final DnsDiscovery dns;
  private final Resolver resolver;
  private final ControlThread control;
  private final RefreshTimes times;
  private final UpdateStats stats;
  private final Runnable changed;
  private final Log log;

  private List<String> addresses = List.of();
  private boolean looked;
  private boolean saidNone;
  private long failures;
  private @Nullable Future<?> next;
  private volatile boolean closed;

  /**
   * @param changed told after a lookup that was the first or has brought other addresses
   */
  WatchedName(
      String cluster,
      Name name,
      DnsDiscovery dns,
      Resolver resolver,
      ControlThread control,
      RandomGenerator random,
      UpdateStats stats,
      Runnable changed,
      Log log) {
    this.cluster = cluster;
    this.name = name;
    this.dns = dns;
    this.resolver = resolver;
    this.control = control;
    this.times = new RefreshTimes(dns.refresh(), random);
    this.stats = stats;
    this.changed = changed;
    this.log = log;
    if (NetworkNames.isLiteral(name.host())) {
      addresses = List.of(name.host());
      looked = true;
    }
  }

  /** Where there is nothing to look up, it does nothing. */
  void start() {
    if (!looked) {
      lookUp();
    }
  }

  private void lookUp() {
    next = null;
    stats.attempt();
    resolver.lookUp(name.host(), dns, () -> !closed, this::take);
  }

  private void take(Answer answer) {
    if (closed) {
      return;
    }
    Duration pause =
        switch (answer) {
          case Answer.Found(List<String> found, Duration ttl) -> {
            if (found.isEmpty() && dns.type() == DnsDiscovery.Type.LOGICAL) {
              stats.empty();
              yield failed("it has no address");
            }
            yield found(found, ttl);
          }
          case Answer.Failed(String reason) -> failed(reason);
        };
    next = control.schedule(pause, this::lookUp);
  }

  private Duration found(List<String> found, Duration ttl) {
    stats.success();
    log.debug(() -> text("is " + found + " for " + ttl.toSeconds() + " s"));
    if (failures > 0) {
      log.info(text("can be looked up again; failures: %d".formatted(failures)));
      failures = 0;
    }
    List<String> now =
        switch (dns.type()) {
          case STRICT -> found;
          case LOGICAL -> found.subList(0, 1);
        };
    if (now.isEmpty() != saidNone) {
      saidNone = now.isEmpty();
      if (saidNone) {
        log.accept(text("has no address; it has no hosts"));
      } else {
        log.info(text("has addresses again"));
      }
    }
    boolean same = new HashSet<>(now).equals(new HashSet<>(addresses));
    if (same) {
      stats.noRebuild();
    } else {
      addresses = now;
    }
    if (!same || !looked) {
      looked = true;
      changed.run();
    }
    return times.afterAnswer(ttl);
  }

  private Duration failed(String reason) {
    stats.failure();
    failures++;
    if (failures == 1) {
      log.accept(
          text(
              "cannot be looked up: %s; %s; trying until it can"
                  .formatted(
                      reason,
                      addresses.isEmpty()
                          ? "it has no hosts so far"
                          : "its last hosts stay: " + String.join(", ", addresses))));
    }
    if (!looked) {
      looked = true;
      changed.run();
    }
    return times.afterFailure();
  }

  private String text(String what) {
    return "dns: cluster \"%s\": %s %s".formatted(cluster, name.host(), what);
  }

  /** The first lookup has ended, well or not, or there is nothing to look up. */
  boolean looked() {
    return looked;
  }

  List<Endpoint> endpoints() {
    return addresses.stream().map(name::at).toList();
  }

  void close() {
    closed = true;
    if (next != null) {
      next.cancel(false);
    }
  }
}
