package dev.weir.sidecar.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.AdsBootstrap;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The key of a certified sidecar is in its memory as an object, and nowhere as a text. */
@Tag("slow")
class KeyLeakTest {
  /** But for the one of RSA that is in Netty's classes, which tries by it what OpenSSL can. */
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ([A-Z]+ )?PRIVATE KEY-----\\s+(?!MIIEv)[A-Za-z0-9+/]{40}");

  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----\\s+[A-Za-z0-9+/]{40}");

  private static final String OWN =
      "tls_certificate_sds_secret_configs: [{name: default}], validation_context_sds_secret_config:"
          + " {name: ROOTCA}";

  @TempDir Path folder;

  private static boolean isReady(int admin) {
    try (RawClient client = new RawClient(admin)) {
      return client.get("/ready").status() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static String run(Path output, String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return Files.readString(output);
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  @Test
  void keyIsNoTextInFilesLogsPagesAndTheHeap() throws Exception {
    Path own = Files.createDirectory(folder.resolve("own"));
    try (ClosedPort port = new ClosedPort();
        ClosedPort admin = new ClosedPort();
        CertifyingControlPlane controlPlane = new CertifyingControlPlane(folder.resolve("other"));
        TestUpstream app = TestUpstream.replying("hello")) {
      String yaml =
          "node: {id: cart-1, cluster: cart, metadata: {WEIR_SERVICE: cart, WEIR_NAMESPACE: shop,"
              + " WEIR_INBOUND_PORT: 0, WEIR_OUTBOUND_PORT: 0, WEIR_MARK: 0}}\n"
              + AdsBootstrap.dynamicResources(AdsBootstrap.DELTA)
              + "  cds_config: {ads: {}, resource_api_version: V3}\n"
              + controlPlane.extension("cart", controlPlane.token("cart"), "3600s")
              + TestConfig.to(app)
                  .yaml()
                  .replace(
                      "    - filters:\n",
                      "    - transport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {"
                          + OWN
                          + "}, require_client_certificate: true}}\n      filters:\n")
                  .replaceFirst("port_value: 0", "port_value: " + admin.port())
                  .replaceFirst("port_value: 0", "port_value: " + port.port())
                  .stripTrailing()
              + "\n"
              + controlPlane.cluster("ca", "")
              + controlPlane.cluster(
                  "xds", "tls_certificate_sds_secret_configs: [{name: default}],");
      Path bootstrap = Files.writeString(own.resolve("bootstrap.yaml"), yaml);
      Path log = own.resolve("log");
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx128m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "--enable-native-access=ALL-UNNAMED",
                  "--sun-misc-unsafe-memory-access=allow",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "dev.weir.sidecar.Main",
                  "--config=" + bootstrap,
                  "--last-good=" + own.resolve("last-good")));
      Process sidecar =
          new ProcessBuilder(command)
              .directory(own.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      try {
        Await.until(() -> isReady(admin.port()), () -> logOf(log));
        try (TestSidecar caller =
            TestSidecar.start(
                controlPlane.extension("frontend", controlPlane.token("frontend"), "3600s")
                    + TestConfig.to(port.port()).upstreamTls(OWN, "").yaml().stripTrailing()
                    + "\n"
                    + controlPlane.cluster("ca", ""),
                1)) {
          Await.until(() -> isReady(caller.adminPort()));
          try (RawClient client = new RawClient(caller.port())) {
            assertEquals(200, client.get("/").status());
          }
        }
        Await.until(() -> Files.exists(own.resolve("last-good")));
        for (String page : List.of("/config_dump", "/certs", "/stats", "/server_info")) {
          try (RawClient client = new RawClient(admin.port())) {
            Files.writeString(
                own.resolve("page" + page.replace('/', '-')), client.get(page).body());
          }
        }
        Path dump = own.resolve("heap.hprof");
        String said =
            run(
                folder.resolve("jcmd"),
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(sidecar.pid()),
                "GC.heap_dump",
                dump.toString());
        assertTrue(Files.exists(dump), said);
        assertTrue(CERTIFICATE.matcher(text(dump)).find(), "the dump shows texts");
        try (Stream<Path> files = Files.walk(own)) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            Matcher found = KEY.matcher(text(file));
            assertTrue(!found.find(), () -> "a key is in " + file.getFileName());
          }
        }
      } finally {
        sidecar.destroy();
        assertTrue(sidecar.waitFor(20, TimeUnit.SECONDS));
      }
    }
  }

  private static String logOf(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
