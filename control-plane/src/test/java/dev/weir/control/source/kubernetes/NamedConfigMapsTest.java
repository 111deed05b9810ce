package dev.weir.control.source.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.model.ObjectName;
import dev.weir.control.source.resource.Resource;
import dev.weir.testkit.Await;
import dev.weir.testkit.KubeApi;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** On a real API server. */
@Tag("kubernetes")
class NamedConfigMapsTest {
  private static final ObjectName KEYS = new ObjectName("default", "keys");

  private final KubernetesClient client;
  private final AtomicInteger changes = new AtomicInteger();
  private final List<String> told = Collections.synchronizedList(new ArrayList<>());
  private final NamedConfigMaps maps;

  NamedConfigMapsTest() throws IOException {
    client = KubernetesClients.of(Optional.of(KubeApi.shared().kubeconfig()), Optional.empty());
    maps =
        new NamedConfigMaps(
            client, new ObjectReader(Clock.systemUTC()), changes::incrementAndGet, told::add);
  }

  @AfterEach
  void close() {
    maps.close();
    Set.of("keys", "other")
        .forEach(name -> client.configMaps().inNamespace("default").withName(name).delete());
    client.close();
    assertEquals(List.of(), told);
  }

  private void write(String name, String text) {
    client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .addToData("a", text)
                .build())
        .inNamespace("default")
        .serverSideApply();
  }

  private List<String> texts() {
    return maps.units().values().stream()
        .flatMap(unit -> unit.resources().stream())
        .map(resource -> ((Resource.OfConfigMap) resource).data().getOrDefault("a", ""))
        .toList();
  }

  /** What is told of is there already; of what is there already it may not have been told yet. */
  private void awaitChanges(int count) {
    Await.until(() -> changes.get() == count, () -> changes + " " + texts());
  }

  private static SortedSet<ObjectName> named(ObjectName... names) {
    return new TreeSet<>(Set.of(names));
  }

  @Test
  void namedOneIsThereAtOnceAndFollowedAndNoOther() {
    write("keys", "1");
    write("other", "x");
    maps.follow(named(KEYS));
    assertEquals(List.of("1"), texts());
    awaitChanges(1);
    write("keys", "2");
    awaitChanges(2);
    assertEquals(List.of("2"), texts());
    client.configMaps().inNamespace("default").withName("keys").delete();
    Await.until(() -> texts().isEmpty(), () -> texts().toString());
    maps.follow(named());
    write("keys", "3");
    maps.follow(named(new ObjectName("default", "other")));
    assertEquals(List.of("x"), texts());
    assertEquals(List.of(), maps.findings());
  }

  @Test
  void whoComesLaterIsWaitedFor() {
    maps.follow(named(KEYS));
    assertEquals(List.of(), texts());
    write("keys", "1");
    Await.until(() -> texts().equals(List.of("1")), () -> texts().toString());
  }

  @Test
  void thoseThatMayNotBeReadAreTold() {
    try (KubernetesClient nobody = nobody();
        NamedConfigMaps refused =
            new NamedConfigMaps(
                nobody, new ObjectReader(Clock.systemUTC()), changes::incrementAndGet, told::add)) {
      refused.follow(named(KEYS));
      String finding = refused.findings().getFirst().toString();
      assertTrue(
          finding.startsWith("cluster: ConfigMap default/keys cannot be read: ")
              && finding.contains("forbidden"),
          finding);
    }
  }

  /** A client that may do nothing. */
  private KubernetesClient nobody() {
    return new KubernetesClientBuilder()
        .withHttpClientFactory(new ClosingHttpClients())
        .withConfig(
            new ConfigBuilder(client.getConfiguration()).withImpersonateUsername("nobody").build())
        .build();
  }

  @Test
  void moreThanAreReadAreTold() {
    SortedSet<ObjectName> many =
        IntStream.range(0, 300)
            .mapToObj(i -> new ObjectName("default", "keys-" + i))
            .collect(Collectors.toCollection(TreeSet::new));
    SortedSet<ObjectName> tooMany = NamedConfigMaps.tooMany(many);
    assertEquals(44, tooMany.size());
    assertEquals(
        List.of(
            "cluster: policies name more than 256 ConfigMaps; not read is default/keys-6, and 43"
                + " more"),
        NamedConfigMaps.about(tooMany).stream().map(Object::toString).toList());
  }
}
