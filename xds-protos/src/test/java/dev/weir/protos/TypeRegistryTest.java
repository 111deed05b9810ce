package dev.weir.protos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
final class TypeRegistryTest {
  private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([a-z0-9_.]+);");
  private static final Pattern MESSAGE = Pattern.compile("(?m)^message (\\w+) \\{");

  @Test
  void everyMessageOfEnvoysApiIsFound() throws Exception {
    List<String> names = messagesOfTheApi();

    assertTrue(names.size() > 1_200, "only " + names.size());
    assertEquals(
        List.of(),
        names.stream()
            .filter(name -> TypeRegistry.prototype(TypeRegistry.PREFIX + name).isEmpty())
            .toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "weir.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker",
        "weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit",
        "weir.extensions.filters.http.trace_context.v1alpha1.TraceContext",
        "weir.extensions.upstreams.v1alpha1.ResilienceOptions",
        "weir.extensions.upstreams.v1alpha1.ResilienceOptions.RetryBudget",
        "weir.extensions.filters.listener.on_demand.v1alpha1.OnDemand",
        "weir.extensions.filters.listener.instances.v1alpha1.Instances",
        "weir.extensions.filters.listener.telemetry.v1alpha1.ListenerTelemetry",
        "weir.extensions.filters.listener.telemetry.v1alpha1.ListenerTelemetry.Metrics",
        "weir.extensions.http.forwarded_client_cert.v1alpha1.ForwardedClientCert",
        "weir.service.discovery.v1alpha1.Destination",
        "weir.service.health.v1alpha1.WorkloadHealth",
        "xds.type.v3.TypedStruct",
        "udpa.type.v1.TypedStruct",
        "google.protobuf.Struct",
        "envoy.config.cluster.v3.Cluster.CommonLbConfig.LocalityWeightedLbConfig"
      })
  void aMessageIsFoundByItsName(String name) {
    Message prototype = TypeRegistry.prototype("type.googleapis.com/" + name).orElseThrow();

    assertEquals(name, prototype.getDescriptorForType().getFullName());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "type.googleapis.com/",
        "type.googleapis.com/envoy.config.cluster.v3.Clusterr",
        "type.googleapis.com/envoy.config.cluster.v3.cluster",
        "type.googleapis.com/envoy.config.cluster.v3.ClusterOrBuilder",
        "type.googleapis.com/envoy.config.cluster.v3.Cluster.Builder",
        "type.googleapis.com/google.protobuf.Parser",
        "type.googleapis.com/weir.TypeRegistry",
        "java.lang.String",
        "type.googleapis.com/istio.workload.Workload"
      })
  void whatIsNoMessageIsUnknown(String typeUrl) {
    assertEquals(Optional.empty(), TypeRegistry.prototype(typeUrl));
  }

  @Test
  void theTypeUrlOfAMessageFindsIt() {
    Cluster cluster = Cluster.getDefaultInstance();

    assertEquals(Optional.of(cluster), TypeRegistry.prototype(TypeRegistry.typeUrl(cluster)));
  }

  @Test
  void aClassOfProtobufsOwnIsNoType() {
    assertEquals(
        Optional.empty(),
        TypeRegistry.prototype(TypeRegistry.PREFIX + "google.protobuf.DynamicMessage"));
  }

  @Test
  void descriptorIsThatOfTheMessagesOwnType() {
    assertEquals(
        Cluster.getDescriptor(),
        TypeRegistry.descriptor(Cluster.newBuilder().setName("a").build()));
    assertEquals(
        Cluster.getDescriptor(),
        TypeRegistry.descriptor(DynamicMessage.getDefaultInstance(Cluster.getDescriptor())));
  }

  private static List<String> messagesOfTheApi() throws Exception {
    URI jar = Cluster.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    List<String> names = new ArrayList<>();
    try (JarFile api = new JarFile(Path.of(jar).toFile())) {
      for (JarEntry entry : (Iterable<JarEntry>) api.stream()::iterator) {
        // Annotations are options of protos; none of them stands in an Any.
        if (entry.getName().matches("(envoy|xds|udpa|opentelemetry)/.*\\.proto")
            && !entry.getName().contains("/annotations/")) {
          names.addAll(messages(api, entry));
        }
      }
    }
    return names;
  }

  private static List<String> messages(JarFile api, JarEntry entry) throws IOException {
    String proto = new String(api.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
    Matcher inPackage = PACKAGE.matcher(proto);
    assertTrue(inPackage.find(), entry.getName());
    return MESSAGE
        .matcher(proto)
        .results()
        .map(message -> inPackage.group(1) + "." + message.group(1))
        .toList();
  }
}
