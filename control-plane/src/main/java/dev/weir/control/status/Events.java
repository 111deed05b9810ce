package dev.weir.control.status;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.Consumer;

/**
 * Events of resources whose verdict has become another, for who looks at {@code kubectl describe}
 * or watches them: not accepted, accepted again, without what it refers to, refused by proxies. One
 * thread at a time.
 */
final class Events {
  /** Longer ones the API server refuses. */
  private static final int LONGEST = 1024;

  /** Of which the server makes one that is longer. */
  private static final int LONGEST_NAME = 240;

  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final KubernetesClient client;
  private final String reporter;
  private final Clock clock;
  private final Consumer<String> told;

  /**
   * @param reporter the name of this control plane among the others
   * @param told is told which event could not be written, a line each
   */
  Events(KubernetesClient client, String reporter, Clock clock, Consumer<String> told) {
    this.client = client;
    this.reporter = reporter;
    this.clock = clock;
    this.told = told;
  }

  /**
   * A condition of a resource is as it was not before.
   *
   * @param before the status it had; "" for none
   */
  void changed(GenericKubernetesResource object, Condition condition, String before) {
    boolean accepted = condition.type().equals("Accepted");
    boolean refused = condition.reason().equals("Refused");
    boolean again = accepted && condition.holds() && before.equals("False");
    boolean missing = condition.type().equals("ResolvedRefs") && !condition.holds();
    if (missing) {
      write(object, "Warning", "RefsNotResolved", condition.message());
    } else if (accepted && !condition.holds() || refused) {
      write(object, "Warning", refused ? "Refused" : "NotAccepted", condition.message());
    } else if (again) {
      write(object, "Normal", "Accepted", condition.message());
    }
  }

  private void write(GenericKubernetesResource object, String type, String reason, String note) {
    String namespace = object.getMetadata().getNamespace();
    String name = object.getMetadata().getName();
    try {
      client
          .events()
          .v1()
          .events()
          .inNamespace(namespace)
          .resource(
              new EventBuilder()
                  .withNewMetadata()
                  .withGenerateName(name.substring(0, Math.min(name.length(), LONGEST_NAME)) + "-")
                  .withNamespace(namespace)
                  .endMetadata()
                  .withEventTime(new MicroTime(MICROS.format(clock.instant())))
                  .withReportingController(StatusWriter.CONTROLLER)
                  .withReportingInstance(reporter)
                  .withType(type)
                  .withReason(reason)
                  .withAction("Compile")
                  .withNote(
                      note.length() <= LONGEST ? note : note.substring(0, LONGEST - 3) + "...")
                  .withRegarding(
                      new ObjectReferenceBuilder()
                          .withApiVersion(object.getApiVersion())
                          .withKind(object.getKind())
                          .withNamespace(namespace)
                          .withName(name)
                          .withUid(object.getMetadata().getUid())
                          .build())
                  .build())
          .create();
    } catch (KubernetesClientException e) {
      told.accept(
          "an event of %s %s/%s is not written: %s"
              .formatted(object.getKind(), namespace, name, e.getMessage()));
    }
  }
}
