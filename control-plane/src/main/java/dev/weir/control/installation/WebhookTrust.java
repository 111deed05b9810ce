package dev.weir.control.installation;

import dev.weir.control.cluster.WeirPod;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.WebhookClientConfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Lets the API server trust our webhooks: their configurations, which the chart makes, get the
 * mesh's roots, and nothing else of them is touched. One thread at a time.
 */
public final class WebhookTrust {
  private static final String LABEL = "weir.dev/webhook";

  private final KubernetesClient client;
  private final LabelSelector ours;
  private final Supplier<String> roots;

  /**
   * @param revision of the installation, whose webhooks have it in their label {@value
   *     WeirPod#REVISION}; empty: those without the label
   * @param roots what the mesh trusts now, in PEM
   */
  public WebhookTrust(KubernetesClient client, Optional<String> revision, Supplier<String> roots) {
    this.client = client;
    LabelSelectorBuilder selector = new LabelSelectorBuilder().addToMatchLabels(LABEL, "true");
    revision.ifPresentOrElse(
        name -> selector.addToMatchLabels(WeirPod.REVISION, name),
        () ->
            selector
                .addNewMatchExpression()
                .withKey(WeirPod.REVISION)
                .withOperator("DoesNotExist")
                .endMatchExpression());
    this.ours = selector.build();
    this.roots = roots;
  }

  /** Now and then. */
  public void follow() {
    String bundle =
        Base64.getEncoder().encodeToString(roots.get().getBytes(StandardCharsets.UTF_8));
    var admission = client.admissionRegistration().v1();
    for (MutatingWebhookConfiguration one :
        admission.mutatingWebhookConfigurations().withLabelSelector(ours).list().getItems()) {
      boolean other = false;
      for (var webhook : one.getWebhooks()) {
        other |= trust(webhook.getClientConfig(), bundle);
      }
      if (other) {
        client.resource(one).update();
      }
    }
    for (ValidatingWebhookConfiguration one :
        admission.validatingWebhookConfigurations().withLabelSelector(ours).list().getItems()) {
      boolean other = false;
      for (var webhook : one.getWebhooks()) {
        other |= trust(webhook.getClientConfig(), bundle);
      }
      if (other) {
        client.resource(one).update();
      }
    }
  }

  private static boolean trust(WebhookClientConfig config, String bundle) {
    if (Objects.equals(config.getCaBundle(), bundle)) {
      return false;
    }
    config.setCaBundle(bundle);
    return true;
  }
}
