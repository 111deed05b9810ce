package dev.weir.control.precheck;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** All looks at a cluster. */
public final class Prechecks {
  private record Look(
      String subject, Function<KubernetesClient, List<Verdict>> at, boolean optional) {}

  private static final List<Look> LOOKS =
      List.of(
          new Look("permissions", Permissions::look, false),
          new Look("addresses", Networks::addresses, true),
          new Look("nodes", Networks::nodes, true),
          new Look("Weir's kinds", CustomResources::ofWeir, true),
          new Look("Gateway API", CustomResources::ofGatewayApi, true),
          new Look("other meshes", OtherWebhooks::look, true),
          new Look("labels of namespaces", NamespaceLabels::look, true),
          new Look("Pod Security", PodSecurity::look, true),
          new Look("installation", Installed::look, true),
          new Look("revisions", Revisions::look, true),
          new Look("sidecars", Sidecars::look, true));

  private Prechecks() {}

  /**
   * In order; what whoever asks may not look at is a warning.
   *
   * @throws KubernetesClientException the API server does not answer
   */
  public static List<Verdict> of(KubernetesClient client) {
    List<Verdict> verdicts = new ArrayList<>();
    verdicts.add(ApiServer.look(client));
    for (Look look : LOOKS) {
      try {
        verdicts.addAll(look.at().apply(client));
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN || !look.optional()) {
          throw e;
        }
        verdicts.add(
            Verdict.warning(
                look.subject(),
                "cannot be looked at: "
                    + (e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage())
                    + "; have somebody with that right run this"));
      }
    }
    return verdicts;
  }
}
