package dev.weir.control.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.weir.control.server.PolicyReach.Reach;
import dev.weir.control.source.kubernetes.ConfigKind;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is told where the API server takes no status. */
class StatusWriterTest {
  private static final ConfigKind KIND =
      ConfigKind.ALL.stream()
          .filter(one -> one.kind().equals("MeshConfig"))
          .findFirst()
          .orElseThrow();

  private static final StatusWriter.Facts FACTS =
      new StatusWriter.Facts(name -> List.of(), name -> Reach.NONE, name -> "", name -> "");

  private volatile String refusal = "no";

  private static GenericKubernetesResource config() {
    GenericKubernetesResource object = new GenericKubernetesResource();
    object.setApiVersion(KIND.apiVersion());
    object.setKind(KIND.kind());
    object.setMetadata(
        new ObjectMetaBuilder()
            .withName("mesh")
            .withNamespace("weir-system")
            .withResourceVersion("1")
            .build());
    object.setAdditionalProperties(Map.of("spec", Map.of()));
    return object;
  }

  @Test
  void whatFailsForGoodIsToldOnceForEachReason() throws IOException {
    List<String> told = Collections.synchronizedList(new ArrayList<>());
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] bytes =
              "{\"kind\": \"Status\", \"apiVersion\": \"v1\", \"status\": \"Failure\", \"message\": \"%s\", \"code\": 422}"
                  .formatted(refusal)
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(422, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try (KubernetesClient client =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder()
                    .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                    .build())
            .build()) {
      StatusWriter writer = new StatusWriter(client, "one", Clock.systemUTC(), told::add);
      writer.write(KIND, List.of(config()), FACTS);
      writer.write(KIND, List.of(config()), FACTS);
      assertEquals(1, told.size(), told::toString);
      assertTrue(
          told.getFirst().startsWith("the status of MeshConfig weir-system/mesh is not written: "),
          told::toString);
      refusal = "still no";
      writer.write(KIND, List.of(config()), FACTS);
      assertEquals(2, told.size(), told::toString);
    } finally {
      server.stop(0);
    }
  }
}
