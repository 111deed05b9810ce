package dev.weir.control.cluster;

import dev.weir.control.source.kubernetes.KubernetesClients;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.util.Optional;

/** The cluster that a command line means. It is not asked before it must be. */
public final class Cluster implements AutoCloseable {
  /** Where Weir is installed, always. */
  public static final String SYSTEM = "weir-system";

  private final KubernetesClient client;
  private final Optional<String> namespace;

  private Cluster(KubernetesClient client, Optional<String> namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /** What is done with a cluster. */
  public interface Job<T> {
    T with(Cluster cluster) throws IOException;
  }

  /**
   * As kubectl finds one.
   *
   * @param kubeconfig empty: $KUBECONFIG, ~/.kube/config, or the account of the pod this runs in
   * @param context empty: that file's current one
   * @param namespace empty: the context's
   * @throws IOException with a line for people: there is none, it does not answer, it refuses
   */
  public static <T> T ask(
      Optional<Path> kubeconfig,
      Optional<String> context,
      Optional<String> namespace,
      Job<? extends T> job)
      throws IOException {
    // What the client logs is nothing for people.
    System.getProperties().putIfAbsent("slf4j.internal.verbosity", "ERROR");
    if (kubeconfig.isEmpty() && !KubernetesClients.isKnown(System.getenv())) {
      throw new IOException(
          "no cluster is known: "
              + KubernetesClients.missing(System.getenv())
                  .orElse("there is no ~/.kube/config; set KUBECONFIG")
              + ", or give --kubeconfig FILE");
    }
    try (Cluster cluster =
        new Cluster(KubernetesClients.impatient(kubeconfig, context), namespace)) {
      try {
        return job.with(cluster);
      } catch (KubernetesClientException e) {
        throw cluster.told(e);
      } catch (RuntimeException e) {
        // Of an answer that is none the client makes objects without what all of them have.
        throw cluster.impostor().map(IOException::new).orElseThrow(() -> e);
      }
    }
  }

  public KubernetesClient client() {
    return client;
  }

  /** As kubectl takes it: what was said, the context's, or {@code default}. */
  public String namespace() {
    return namespace.orElseGet(
        () -> client.getNamespace() == null ? "default" : client.getNamespace());
  }

  /** The namespace, if one was said. */
  public Optional<String> saidNamespace() {
    return namespace;
  }

  /** {@code https://10.0.0.1:6443/ (context shop-prod)}. */
  public String describe() {
    NamedContext context = client.getConfiguration().getCurrentContext();
    return client.getMasterUrl()
        + (context == null || context.getName() == null
            ? ""
            : " (context " + context.getName() + ")");
  }

  /** Whether what answers is no API server: what to say then. It is asked, for once. */
  public Optional<String> impostor() {
    return ApiServerLook.of(client)
        .map(what ->
            "what answers at " + describe() + " is no Kubernetes API server (" + what + ")");
  }

  /** What went wrong, in one line, and what to do about it. */
  IOException told(KubernetesClientException e) {
    String what = "the cluster at " + describe();
    if (e.getStatus() == null || e.getStatus().getMessage() == null) {
      Optional<String> impostor = impostor();
      if (impostor.isPresent()) {
        return new IOException(impostor.get());
      }
    }
    if (e.getStatus() == null && e.getCode() <= 0) {
      return new IOException(what + " does not answer: " + root(e));
    }
    return new IOException(
        switch (e.getCode()) {
          case HttpURLConnection.HTTP_UNAUTHORIZED ->
              what + " does not know who asks: log in again, or look at the context's user";
          case HttpURLConnection.HTTP_FORBIDDEN ->
              what
                  + " refuses: "
                  + said(e)
                  + "; ask for that right (docs/kubernetes.md has what each command needs)";
          default -> what + ": " + said(e);
        });
  }

  /** The server's own sentence. */
  public static String said(KubernetesClientException e) {
    if (e.getStatus() != null && e.getStatus().getMessage() != null) {
      return e.getStatus().getMessage();
    }
    return e.getCode() <= 0 ? root(e) : String.valueOf(e.getMessage());
  }

  private static String root(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause.getMessage() != null) {
      return cause.getMessage();
    }
    return switch (cause) {
      case UnresolvedAddressException _ -> "its name is not known";
      case ConnectException _, ClosedChannelException _ -> "connection refused";
      default -> cause.getClass().getSimpleName();
    };
  }

  @Override
  public void close() {
    client.close();
  }
}
