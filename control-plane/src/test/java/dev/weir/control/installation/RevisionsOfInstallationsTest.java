package dev.weir.control.installation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.source.kubernetes.KubernetesClients;
import dev.weir.testkit.KubeApi;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two installations in a real API server. */
@Tag("kubernetes")
class RevisionsOfInstallationsTest {
  private static final String WEBHOOK =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: MutatingWebhookConfiguration
      metadata: {name: %s, labels: {weir.dev/webhook: "true"%s}}
      webhooks:
      - name: none.weir.dev
        clientConfig: {url: "https://127.0.0.1:1/"}
        admissionReviewVersions: [v1]
        sideEffects: None
        rules: []
      """;
  private static final String SLICE =
      """
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata:
        name: %1$s
        namespace: revisions
        labels: {kubernetes.io/service-name: %1$s, app.kubernetes.io/name: weir-control-plane}
      addressType: IPv4
      ports: [{name: tcp-xds, port: 15012}]
      endpoints: [{addresses: [%2$s], targetRef: {kind: Pod, name: %1$s-0}}]
      """;

  private final KubeApi api = KubeApi.shared();
  private KubernetesClient client;

  @SuppressWarnings("NullAway.Init")
  RevisionsOfInstallationsTest() {}

  @BeforeEach
  void connect() throws Exception {
    client = KubernetesClients.of(Optional.of(api.kubeconfig()), Optional.empty());
    api.namespace("revisions");
  }

  @AfterEach
  void close() throws Exception {
    api.kubectl("delete", "mutatingwebhookconfigurations", "weir-one", "weir-next");
    client.close();
  }

  private void apply(String yaml) {
    client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))).serverSideApply();
  }

  private String bundle(String name) {
    String bundle =
        Objects.requireNonNullElse(
            client
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName(name)
                .get()
                .getWebhooks()
                .getFirst()
                .getClientConfig()
                .getCaBundle(),
            "");
    return new String(Base64.getDecoder().decode(bundle), StandardCharsets.UTF_8);
  }

  @Test
  void eachWritesItsOwnWebhooksAndKnowsTheControlPlanesOfAll() throws Exception {
    String roots = Files.readString(api.caCertificate());
    apply(WEBHOOK.formatted("weir-one", ""));
    apply(WEBHOOK.formatted("weir-next", ", weir.dev/rev: next"));
    new WebhookTrust(client, Optional.of("next"), () -> roots).follow();
    assertEquals(List.of("", roots), List.of(bundle("weir-one"), bundle("weir-next")));
    new WebhookTrust(client, Optional.empty(), () -> roots).follow();
    assertEquals(roots, bundle("weir-one"));

    apply(SLICE.formatted("weir-control-plane", "10.0.0.1"));
    apply(SLICE.formatted("weir-control-plane-next", "10.0.0.2"));
    assertEquals(
        Set.of("weir-control-plane-next-0"),
        new Replicas(client, "revisions", "weir-control-plane-0").others().keySet());
  }
}
