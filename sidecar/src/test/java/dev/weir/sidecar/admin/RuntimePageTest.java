package dev.weir.sidecar.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the admin page says of runtime layers. */
class RuntimePageTest {
  private static String page(String runtime) throws IOException {
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar =
            TestSidecar.start(
                runtime + TestConfig.to(app).yaml(),
                1,
                Optional.empty(),
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                FieldPolicy.IGNORE);
        RawClient admin = new RawClient(sidecar.adminPort())) {
      RawClient.Response page = admin.get("/runtime");
      assertEquals("application/json", page.field("content-type"));
      return page.body();
    }
  }

  @Test
  void laterLayersAreLastAndNamesAreJoinedByDots() throws Exception {
    String page =
        page(
            """
            layered_runtime:
              layers:
              - {name: base, static_layer: {health_check: {min_interval: 5, share: {numerator: 10, denominator: HUNDRED}}, a: true}}
              - {name: more, static_layer: {health_check: {min_interval: 10.5}}}
              - {name: admin, admin_layer: {}}
            """);
    for (String part :
        List.of(
            "\"layers\":[\"base\",\"more\",\"admin\"]",
            "\"health_check.min_interval\":{\"final_value\":\"10.5\",\"layer_values\":[\"5\",\"10.5\",\"\"]}",
            "\"a\":{\"final_value\":\"true\",\"layer_values\":[\"true\",\"\",\"\"]}",
            "\"health_check.share\":{\"final_value\":\"{\\\"denominator\\\":\\\"HUNDRED\\\",\\\"numerator\\\":\\\"10\\\"}\"")) {
      assertTrue(page.contains(part), page);
    }
  }

  @Test
  void withoutLayersThePageIsEmptyAndSaysThatNoneHasAnEffect() throws Exception {
    String page = page("");
    assertTrue(page.contains("\"layers\":[]"), page);
    assertTrue(page.contains("\"entries\":{}"), page);
    assertTrue(page.contains("no layer is asked"), page);
  }
}
