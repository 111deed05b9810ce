package dev.weir.sidecar.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A host that fails several times in a row is left alone for a while. */
@Tag("slow")
class OutlierTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void failingHostIsEjectedAndComesBack(int loops) throws Exception {
    try (TestUpstream bad = TestUpstream.start((request, out) -> TestUpstream.reply(out, 500, ""));
        TestUpstream good = TestUpstream.replying("good");
        TestSidecar sidecar =
            TestConfig.to(bad, good)
                .cluster(
                    "outlier_detection: {consecutive_5xx: 3, base_ejection_time: 2s, interval: 0.1s, max_ejection_percent: 50}")
                .start(loops);
        RawClient client = new RawClient(sidecar.port())) {
      int failed = 0;
      while (sidecar.stat("cluster.app.outlier_detection.ejections_active") == 0) {
        failed += client.get("/").status() == 500 ? 1 : 0;
      }
      assertEquals(3, failed);
      assertEquals(1, sidecar.stat("cluster.app.membership_healthy"));
      assertEquals("good", client.get("/").body());
      assertEquals("good", client.get("/").body());
      bad.script((request, out) -> TestUpstream.reply(out, 200, "mended"));
      Await.until(() -> sidecar.stat("cluster.app.outlier_detection.ejections_active") == 0);
      assertTrue(
          (client.get("/").body() + client.get("/").body()).contains("mended"), "in turn again");
    }
  }
}
