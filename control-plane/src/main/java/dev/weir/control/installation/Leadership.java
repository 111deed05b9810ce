package dev.weir.control.installation;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Which of several control planes writes what one alone may: who holds the Lease. It is given back
 * at the end, so that another need not wait. Any thread.
 */
public final class Leadership implements AutoCloseable {
  static final String NAME = "weir-control-plane";
  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final Duration RENEWED_WITHIN = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final KubernetesClient client;
  private final String namespace;
  private final String identity;
  private final Consumer<String> told;
  private final Executor later =
      CompletableFuture.delayedExecutor(RETRY.toMillis(), TimeUnit.MILLISECONDS);
  private volatile boolean leading;
  private volatile boolean closed;
  private volatile CompletableFuture<?> candidacy = CompletableFuture.completedFuture(null);

  /**
   * @param identity of this control plane among the others
   * @param told is told who leads, a line each
   */
  public Leadership(
      KubernetesClient client, String namespace, String identity, Consumer<String> told) {
    this.client = client;
    this.namespace = namespace;
    this.identity = identity;
    this.told = told;
    stand();
  }

  /** Who has lost the Lease stands again. */
  private void stand() {
    if (closed) {
      return;
    }
    candidacy =
        client
            .leaderElector()
            .withConfig(
                new LeaderElectionConfigBuilder()
                    .withName(NAME)
                    .withReleaseOnCancel(true)
                    .withLeaseDuration(LEASE)
                    .withRenewDeadline(RENEWED_WITHIN)
                    .withRetryPeriod(RETRY)
                    .withLock(new LeaseLock(lease(), identity))
                    .withLeaderCallbacks(
                        new LeaderCallbacks(
                            () -> leading = true, () -> leading = false, this::leads))
                    .build())
            .build()
            .start();
    candidacy.whenComplete((done, cause) -> {
      leading = false;
      later.execute(this::stand);
    });
  }

  /** Nobody deletes it with the installation: it is known as Weir's by its label. */
  private ObjectMeta lease() {
    return new ObjectMetaBuilder()
        .withNamespace(namespace)
        .withName(NAME)
        .addToLabels("app.kubernetes.io/part-of", "weir")
        .build();
  }

  private void leads(String who) {
    if (!closed) {
      told.accept(
          who.equals(identity)
              ? "this control plane writes the status of resources"
              : "control plane " + who + " writes the status of resources");
    }
  }

  /** Whether it is this one now. */
  public boolean leading() {
    return leading;
  }

  @Override
  public void close() {
    closed = true;
    candidacy.cancel(true);
  }
}
