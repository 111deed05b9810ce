package dev.weir.control;

import dev.weir.control.injector.AdmissionServer;
import dev.weir.control.injector.InjectionReview;
import dev.weir.control.injector.Injector;
import dev.weir.control.injector.ValidationReview;
import dev.weir.control.installation.CaSecret;
import dev.weir.control.installation.RootsOfNamespaces;
import dev.weir.control.installation.WebhookTrust;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a control plane does in its cluster beside serving xDS: it answers the API server's
 * webhooks, lets it trust them, and gives the namespaces of injected pods the mesh's roots. Its own
 * thread.
 */
final class ClusterDuties implements AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final KubernetesClient client;
  private final Consumer<String> told;
  private final Consumer<Throwable> failed;
  private final RootsOfNamespaces roots;
  private final WebhookTrust webhooks;
  private final Optional<CaSecret> secret;
  private final @Nullable AdmissionServer admission;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("cluster").daemon().factory());

  /**
   * @param secret the CA's, which is followed; empty: it is a folder's alone
   * @param ready what it answers the kubelet
   * @param every how often the cluster is looked at
   * @param reviewed is told of each review its webhook and what became of it
   * @param told is told what cannot be written, a line each
   * @param failed is told of a mistake of the program's own
   */
  ClusterDuties(
      KubernetesClient client,
      Settings.Cluster settings,
      Trust trust,
      Optional<CaSecret> secret,
      Callable<?> ready,
      Duration every,
      BiConsumer<String, String> reviewed,
      Consumer<String> told,
      Consumer<Throwable> failed)
      throws IOException {
    this.client = client;
    this.told = told;
    this.failed = failed;
    this.secret = secret;
    this.roots = new RootsOfNamespaces(client, trust::roots);
    this.webhooks = new WebhookTrust(client, settings.revision(), trust::roots);
    this.admission =
        settings.webhook().isEmpty()
            ? null
            : admission(settings, settings.webhook().get(), trust, ready, reviewed);
    var _ = thread.scheduleWithFixedDelay(this::follow, 0, every.toMillis(), TimeUnit.MILLISECONDS);
  }

  private AdmissionServer admission(
      Settings.Cluster settings,
      InetSocketAddress address,
      Trust trust,
      Callable<?> ready,
      BiConsumer<String, String> reviewed)
      throws IOException {
    return CannotListen.unless(
        "--webhook",
        address,
        () ->
            new AdmissionServer(
                address,
                trust.webhookTls(),
                Map.of(
                    "/inject",
                    new InjectionReview(
                        new Injector(settings.injection(), ClusterDuties::secret),
                        this::label,
                        roots::ensure),
                    "/validate",
                    new ValidationReview()),
                ready,
                (path, answer) -> reviewed.accept(path.substring(1), answer),
                failed));
  }

  private static String secret() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private Optional<String> label(String namespace) {
    Namespace known = client.namespaces().withName(namespace).get();
    return Optional.ofNullable(known)
        .map(one -> one.getMetadata().getLabels())
        .map(labels -> labels.get(Injector.LABEL));
  }

  private void follow() {
    try {
      if (secret.isPresent()) {
        boolean there = secret.get().read();
        if (!there) {
          told.accept("the CA's Secret is gone; the CA goes on with what it had");
        }
      }
      webhooks.follow();
      roots.follow();
    } catch (KubernetesClientException | IOException e) {
      told.accept("what pods and webhooks trust is not renewed: " + e.getMessage());
    } catch (RuntimeException mistake) {
      failed.accept(mistake); // The next look may fare better.
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    if (admission != null) {
      admission.close();
    }
  }
}
