package dev.weir.control;

import dev.weir.control.ca.CertificateAuthority;
import dev.weir.control.installation.CaSecret;
import dev.weir.control.server.OtherControlPlanes;
import dev.weir.control.source.kubernetes.KubernetesClients;
import dev.weir.control.source.kubernetes.KubernetesSource;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The cluster that a control plane reads, and what it does there: the parts of it that are made
 * only in a cluster, one after the other as the start goes on. Closing it ends the reading; the
 * parts are closed by who has them.
 */
final class InCluster implements AutoCloseable {
  private final Settings.Cluster settings;
  private final Clock clock;
  private final Consumer<String> told;
  private final Consumer<Throwable> failed;
  private final KubernetesSource source;

  /**
   * Begins to read.
   *
   * @param changed is told on any thread that there is something else to read
   * @param feed is told what happens to pods
   * @param told is told what people should know, a line each
   * @param failed is told of a mistake of the program's own
   */
  InCluster(
      Settings.Cluster settings,
      Clock clock,
      Runnable changed,
      PodFeed feed,
      Consumer<String> told,
      Consumer<Throwable> failed)
      throws IOException {
    this.settings = settings;
    this.clock = clock;
    this.told = told;
    this.failed = failed;
    this.source =
        new KubernetesSource(
            KubernetesClients.of(settings.kubeconfig(), settings.context()),
            clock,
            changed,
            feed,
            seldom(),
            failed);
  }

  /** Of each part its own: what one has to tell takes no room of another's. */
  private Consumer<String> seldom() {
    return new Seldom(told, System::nanoTime);
  }

  KubernetesSource source() {
    return source;
  }

  /** The CA's folder has what the cluster has, when this returns. */
  Optional<CaSecret> caSecret(Settings.Security security) throws IOException {
    if (settings.caSecret().isEmpty()) {
      return Optional.empty();
    }
    CaSecret secret =
        new CaSecret(
            source.client(), source.ownNamespace(), settings.caSecret().get(), security.ca());
    secret.begin(
        folder -> CertificateAuthority.make(folder, security.trustDomain(), clock, Trust.random()));
    return Optional.of(secret);
  }

  /** As {@link ClusterDuties} has it, which begin with this. */
  ClusterDuties duties(
      Trust trust,
      Optional<CaSecret> secret,
      Callable<?> ready,
      Duration every,
      BiConsumer<String, String> reviewed)
      throws IOException {
    return new ClusterDuties(
        source.client(), settings, trust, secret, ready, every, reviewed, seldom(), failed);
  }

  /** The others of this cluster, as who this one is by {@code trust}. */
  OtherControlPlanes others(Trust trust) throws IOException {
    return new OtherControlPlanes(trust.clientTls(), System::nanoTime, seldom());
  }

  /** As {@link ClusterStatus} has it, which begins with this. */
  ClusterStatus status(
      Callable<Optional<ClusterStatus.Moment>> look, Optional<OtherControlPlanes> others) {
    return new ClusterStatus(source, clock, look, others, seldom(), failed);
  }

  @Override
  public void close() {
    source.close();
  }
}
