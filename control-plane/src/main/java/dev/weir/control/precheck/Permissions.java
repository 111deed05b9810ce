package dev.weir.control.precheck;

import dev.weir.control.cluster.Cluster;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;

/** Whether whoever asks may make what the charts are made of. */
final class Permissions {
  private static final String SUBJECT = "permissions";
  private static final String RBAC = "rbac.authorization.k8s.io";
  private static final String ADMISSION = "admissionregistration.k8s.io";

  /**
   * @param namespaced in Weir's namespace
   */
  private record Wanted(String group, String resource, boolean namespaced) {
    @Override
    public String toString() {
      return resource
          + (group.isEmpty() ? "" : "." + group)
          + (namespaced ? " in " + Cluster.SYSTEM : "");
    }
  }

  private static final List<Wanted> ALL =
      List.of(
          new Wanted("", "namespaces", false),
          new Wanted("apiextensions.k8s.io", "customresourcedefinitions", false),
          new Wanted(RBAC, "clusterroles", false),
          new Wanted(RBAC, "clusterrolebindings", false),
          new Wanted(ADMISSION, "mutatingwebhookconfigurations", false),
          new Wanted(ADMISSION, "validatingwebhookconfigurations", false),
          new Wanted(ADMISSION, "validatingadmissionpolicies", false),
          new Wanted(ADMISSION, "validatingadmissionpolicybindings", false),
          new Wanted(RBAC, "roles", true),
          new Wanted(RBAC, "rolebindings", true),
          new Wanted("apps", "deployments", true),
          new Wanted("apps", "daemonsets", true),
          new Wanted("policy", "poddisruptionbudgets", true),
          new Wanted("networking.k8s.io", "networkpolicies", true),
          new Wanted("", "services", true),
          new Wanted("", "serviceaccounts", true),
          new Wanted("", "configmaps", true),
          new Wanted("", "secrets", true));

  private Permissions() {}

  static List<Verdict> look(KubernetesClient client) {
    List<String> refused = new ArrayList<>();
    for (Wanted wanted : ALL) {
      if (!mayCreate(client, wanted)) {
        refused.add(wanted.toString());
      }
    }
    return List.of(
        refused.isEmpty()
            ? Verdict.ok(SUBJECT, "you may create all that the charts are made of")
            : Verdict.failure(
                SUBJECT,
                "you may not create "
                    + String.join(", ", refused)
                    + "; have an administrator of the cluster install the charts"));
  }

  private static boolean mayCreate(KubernetesClient client, Wanted wanted) {
    SelfSubjectAccessReview review =
        new SelfSubjectAccessReviewBuilder()
            .withNewSpec()
            .withNewResourceAttributes()
            .withVerb("create")
            .withGroup(wanted.group())
            .withResource(wanted.resource())
            .withNamespace(wanted.namespaced() ? Cluster.SYSTEM : null)
            .endResourceAttributes()
            .endSpec()
            .build();
    return Boolean.TRUE.equals(
        client
            .authorization()
            .v1()
            .selfSubjectAccessReview()
            .create(review)
            .getStatus()
            .getAllowed());
  }
}
