package dev.weir.control.source.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.model.PodSlice;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PodReaderTest {
  /** As one is whose node was silent: the cluster calls it unready, and its containers are not. */
  private static Pod silent() {
    return new PodBuilder()
        .withNewMetadata()
        .withName("cart-0")
        .withNamespace("shop")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("app")
        .endContainer()
        .endSpec()
        .withNewStatus()
        .withPodIP("10.0.0.1")
        .addNewCondition()
        .withType("Ready")
        .withStatus("False")
        .endCondition()
        .addNewCondition()
        .withType("ContainersReady")
        .withStatus("True")
        .endCondition()
        .endStatus()
        .build();
  }

  @Test
  void podWhoseContainersAreReadyRuns() {
    assertTrue(PodReader.pod(silent()).running());
  }

  @Test
  void podThatWaitsForMoreOrEndsDoesNotRun() {
    Pod waiting =
        new PodBuilder(silent())
            .editSpec()
            .addNewReadinessGate("shop.example/loaded")
            .endSpec()
            .build();
    assertFalse(PodReader.pod(waiting).running());
    Pod ending =
        new PodBuilder(silent())
            .editMetadata()
            .withDeletionTimestamp("2026-01-01T00:00:00Z")
            .endMetadata()
            .build();
    assertFalse(PodReader.pod(ending).running());
    Pod young = new PodBuilder(silent()).withNewStatus().endStatus().build();
    assertFalse(PodReader.pod(young).running());
  }

  @Test
  void whoEndsIsNeitherReadyNorToBe() {
    EndpointSlice slice =
        new EndpointSliceBuilder()
            .withNewMetadata()
            .withName("cart-a")
            .withNamespace("shop")
            .addToLabels("kubernetes.io/service-name", "cart")
            .endMetadata()
            .withAddressType("IPv4")
            .addNewEndpoint()
            .withAddresses("10.0.0.1")
            .endEndpoint()
            .addNewEndpoint()
            .withAddresses("10.0.0.2")
            .withNewConditions()
            .withReady(false)
            .endConditions()
            .endEndpoint()
            .addNewEndpoint()
            .withAddresses("10.0.0.3")
            .withNewConditions()
            .withReady(false)
            .withTerminating(true)
            .endConditions()
            .endEndpoint()
            .build();
    PodSlice read = PodReader.slice(slice).orElseThrow();
    assertEquals(Set.of("10.0.0.1"), read.ready());
    assertEquals(Set.of("10.0.0.2"), read.unready());
  }
}
