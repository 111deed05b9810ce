package dev.weir.sidecar.metrics;

import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.cluster.RetryTokens;
import dev.weir.sidecar.config.cluster.Cluster.Thresholds;
import dev.weir.sidecar.config.route.RouteAction.Priority;
import dev.weir.sidecar.identity.IdentityStatus;
import dev.weir.sidecar.stats.Stats;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What is as it is at this moment: budgets, limits, the certificate, the configuration. */
final class StateMetrics {
  private static final String CLUSTER = "envoy_cluster_name";

  private StateMetrics() {}

  /** What a cluster has of something, and how much it may have. */
  private record Use(Labels labels, long used, long limit) {}

  /** Clusters that nothing was asked of yet are left out: a mesh has thousands. */
  static void clusters(Collection<LiveCluster> all, Stats stats, long nanos, MetricsWriter out) {
    Map<String, LiveCluster> used = new TreeMap<>();
    for (LiveCluster cluster : all) {
      if (stats.value(cluster.stats().rqTotal) > 0
          || cluster.resources(Priority.DEFAULT).connections() > 0) {
        used.put(cluster.name(), cluster);
      }
    }
    List<Use> uses = new ArrayList<>();
    used.forEach((name, cluster) -> {
      for (Priority priority : Priority.values()) {
        uses(name, priority, cluster.resources(priority), uses);
      }
    });
    write(out, "weir_cluster_limit_used", "Of a limit of a cluster, what is in use.", uses, false);
    write(out, "weir_cluster_limit", "What a cluster may have at a time.", uses, true);
    budgets(used, nanos, out);
  }

  private static void uses(String name, Priority priority, Resources resources, List<Use> uses) {
    Thresholds most = resources.thresholds();
    String word = priority.name().toLowerCase(Locale.ROOT);
    use(name, word, "connections", resources.connections(), most.maxConnections(), uses);
    use(name, word, "pending", resources.pending(), most.maxPendingRequests(), uses);
    use(name, word, "requests", resources.requests(), most.maxRequests(), uses);
    if (most.retryBudget().isEmpty()) {
      use(name, word, "retries", resources.retries(), most.maxRetries(), uses);
    }
  }

  private static void use(
      String name, String priority, String resource, int used, int limit, List<Use> uses) {
    if (limit != Integer.MAX_VALUE) {
      Labels labels =
          Labels.of(CLUSTER, name).with("priority", priority).with("resource", resource);
      uses.add(new Use(labels, used, limit));
    }
  }

  private static void write(
      MetricsWriter out, String name, String help, List<Use> uses, boolean limits) {
    if (!uses.isEmpty()) {
      out.family(name, MetricsWriter.Type.GAUGE, help);
      uses.forEach(use -> out.sample(use.labels, limits ? use.limit : use.used));
    }
  }

  private static void budgets(Map<String, LiveCluster> used, long nanos, MetricsWriter out) {
    String name = "weir_retry_budget_tokens";
    boolean begun = false;
    for (LiveCluster cluster : used.values()) {
      RetryTokens tokens = cluster.retryTokens();
      if (tokens != null) {
        if (!begun) {
          out.family(
              name, MetricsWriter.Type.GAUGE, "Retries that the budget of a cluster has room for.");
          begun = true;
        }
        out.sample(Labels.of(CLUSTER, cluster.name()), tokens.left(nanos));
      }
    }
  }

  static void certificate(Optional<IdentityStatus> identity, MetricsWriter out) {
    if (identity.isEmpty() || identity.get().chain().isEmpty()) {
      return;
    }
    X509Certificate own = identity.get().chain().getFirst();
    time(
        out,
        "weir_certificate_issued_timestamp_seconds",
        "Since when the workload's certificate is valid.",
        own.getNotBefore().toInstant());
    time(
        out,
        "weir_certificate_expiry_timestamp_seconds",
        "When the workload's certificate ends.",
        own.getNotAfter().toInstant());
  }

  /**
   * @param changed empty: there is none yet
   */
  static void configuration(Optional<Instant> changed, MetricsWriter out) {
    changed.ifPresent(when ->
        time(
            out,
            "weir_configuration_timestamp_seconds",
            "Since when the configuration in force is.",
            when));
  }

  private static void time(MetricsWriter out, String name, String help, Instant when) {
    out.family(name, MetricsWriter.Type.GAUGE, help);
    out.sample(Labels.NONE, when.toEpochMilli() / 1000.0);
  }
}
