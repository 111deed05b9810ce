package dev.weir.control.source.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Finds a cluster as kubectl does. */
public final class KubernetesClients {
  private KubernetesClients() {}

  /**
   * A client that is not connected yet.
   *
   * @param kubeconfig a file; empty: $KUBECONFIG, ~/.kube/config, or the account of the pod that
   *     this runs in
   * @param context of that file; empty: its current one
   */
  public static KubernetesClient of(Optional<Path> kubeconfig, Optional<String> context)
      throws IOException {
    try {
      Config config =
          kubeconfig.isPresent()
              ? Config.fromKubeconfig(context.orElse(null), kubeconfig.get().toFile())
              : Config.autoConfigure(context.orElse(null));
      return new KubernetesClientBuilder()
          .withHttpClientFactory(new ClosingHttpClients())
          .withConfig(new ConfigBuilder(config).withRequestTimeout(10_000).build())
          .build();
    } catch (KubernetesClientException e) {
      throw new IOException("the cluster's configuration cannot be used: " + e.getMessage(), e);
    }
  }
}
