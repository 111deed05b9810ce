package dev.weir.control.source.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds a cluster as kubectl does. */
public final class KubernetesClients {
  private KubernetesClients() {}

  /** Where a pod has the token of its service account. */
  private static final Path OF_POD = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

  /**
   * A client that is not connected yet.
   *
   * @param kubeconfig a file; empty: $KUBECONFIG, ~/.kube/config, or the account of the pod that
   *     this runs in
   * @param context of that file; empty: its current one
   */
  public static KubernetesClient of(Optional<Path> kubeconfig, Optional<String> context)
      throws IOException {
    return client(new ConfigBuilder(config(kubeconfig, context)).withRequestTimeout(10_000));
  }

  /** As {@link #of}, for somebody who waits for the answer: what fails is not tried for long. */
  public static KubernetesClient impatient(Optional<Path> kubeconfig, Optional<String> context)
      throws IOException {
    return client(
        new ConfigBuilder(config(kubeconfig, context))
            .withConnectionTimeout(5_000)
            .withRequestTimeout(20_000)
            .withRequestRetryBackoffLimit(1));
  }

  /**
   * Whether there is a cluster that nobody has to name.
   *
   * @param environment the variables
   */
  public static boolean isKnown(Map<String, String> environment) {
    return files(environment).stream().anyMatch(Files::exists)
        || Files.exists(OF_POD) && environment.containsKey("KUBERNETES_SERVICE_HOST");
  }

  private static List<Path> files(Map<String, String> environment) {
    String said = environment.getOrDefault("KUBECONFIG", "");
    return said.isEmpty()
        ? List.of(Path.of(environment.getOrDefault("HOME", "/"), ".kube", "config"))
        : Pattern.compile(File.pathSeparator, Pattern.LITERAL)
            .splitAsStream(said)
            .filter(name -> !name.isEmpty())
            .map(Path::of)
            .toList();
  }

  /**
   * What is wrong with {@code $KUBECONFIG} where no cluster is known; empty: it is not set.
   *
   * @param environment the variables
   */
  public static Optional<String> missing(Map<String, String> environment) {
    return environment.getOrDefault("KUBECONFIG", "").isEmpty()
        ? Optional.empty()
        : Optional.of(
            "$KUBECONFIG names " + environment.get("KUBECONFIG") + ", which is not there");
  }

  private static Config config(Optional<Path> kubeconfig, Optional<String> context)
      throws IOException {
    List<Path> files =
        kubeconfig.isPresent()
            ? List.of(kubeconfig.get())
            : files(System.getenv()).stream().filter(Files::exists).toList();
    if (!files.isEmpty()) {
      Kubeconfig.check(files, context);
    }
    Config config;
    try {
      config =
          kubeconfig.isPresent()
              ? Config.fromKubeconfig(context.orElse(null), kubeconfig.get().toFile())
              : Config.autoConfigure(context.orElse(null));
    } catch (KubernetesClientException e) {
      throw unusable(e);
    }
    if (files.isEmpty() && context.isPresent()) {
      throw new IOException(
          "--context: there is no kubeconfig that could have \"" + context.get() + "\"");
    }
    return config;
  }

  private static IOException unusable(KubernetesClientException e) {
    return new IOException("the cluster's configuration cannot be used: " + e.getMessage(), e);
  }

  private static KubernetesClient client(ConfigBuilder config) throws IOException {
    try {
      return new KubernetesClientBuilder()
          .withHttpClientFactory(new ClosingHttpClients())
          .withConfig(config.build())
          .build();
    } catch (KubernetesClientException e) {
      throw unusable(e);
    }
  }
}
