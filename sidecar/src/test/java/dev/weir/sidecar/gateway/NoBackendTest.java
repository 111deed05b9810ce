package dev.weir.sidecar.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.testkit.GatewayMesh;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A rule that leads nowhere says so. */
class NoBackendTest {
  @ParameterizedTest
  @CsvSource({
    "'[]', no-backend",
    "'[{name: app, port: 8080, weight: 0}]', no-backend",
    "'[{name: gone, port: 8080}]', no-backend"
  })
  void fiveHundredHasItsCause(String backends, String cause) throws IOException {
    GatewayMesh mesh =
        GatewayMesh.of(
            GatewayMesh.services("app")
                + GatewayMesh.route("app", "app", "[{backendRefs: %s}]".formatted(backends)));
    try (TestSidecar sidecar = mesh.start("app", Map.of());
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response response = client.get("/");
      assertEquals(500, response.status());
      assertEquals(cause, response.field("x-weir-cause"));
    }
  }
}
