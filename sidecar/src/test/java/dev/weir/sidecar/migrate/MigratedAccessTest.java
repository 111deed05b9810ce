package dev.weir.sidecar.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.cli.migrate.Migrate;
import dev.weir.sidecar.testkit.TestControlPlane;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.TestUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Istio's policies say of a service is written in Weir's words by {@code weir migrate}, and
 * its sidecar, told by the real control plane, lets in and refuses whom Istio's would.
 */
class MigratedAccessTest {
  private static final String CLERK = "127.0.0.9";
  private static final String GUEST = "127.0.0.8";
  private static final String RBAC =
      "- {name: %s, disabled: true, typed_config: {\"@type\":"
          + " type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC}}\n";
  private static final String FIRST = "- {name: weir.filters.http.bulkhead,";

  private static final String POLICIES =
      """
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: allow-nothing, namespace: shop}
      spec: {}
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: clerks, namespace: shop}
      spec:
        selector: {matchLabels: {app: inventory}}
        action: ALLOW
        rules:
        - from: [{source: {ipBlocks: [127.0.0.9]}}]
          to: [{operation: {methods: [GET], paths: ["/items*"]}}]
        - from: [{source: {notIpBlocks: [127.0.0.9]}}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: secrets, namespace: shop}
      spec:
        action: DENY
        rules: [{to: [{operation: {paths: [/items/secret]}}]}]
      """;

  @TempDir Path folder;
  private TestUpstream app;
  private TestControlPlane controlPlane;
  private TestSidecar sidecar;

  @SuppressWarnings("NullAway.Init")
  MigratedAccessTest() {}

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("ok");
    controlPlane = new TestControlPlane(Files.createDirectory(folder.resolve("mesh")), app.port());
    String bootstrap = controlPlane.bootstrap();
    String indent =
        " "
            .repeat(
                bootstrap.indexOf(FIRST)
                    - bootstrap.lastIndexOf('\n', bootstrap.indexOf(FIRST))
                    - 1);
    sidecar =
        TestSidecar.start(
            bootstrap.replace(
                FIRST,
                RBAC.formatted("weir.rbac.deny")
                    + indent
                    + RBAC.formatted("weir.rbac.allow")
                    + indent
                    + FIRST),
            1);
    Await.until(() -> sidecar.sidecar().addresses().containsKey("in"));
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    controlPlane.close();
    app.close();
  }

  private String migrated(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("istio.yaml"), yaml);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Migrate.run(
        new String[] {file.toString()},
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
    assertEquals(
        1, err.toString(StandardCharsets.UTF_8).lines().count(), "whom the last rule lets in");
    return out.toString(StandardCharsets.UTF_8);
  }

  /** The status that a caller of an address gets. */
  private int status(String from, String method, String path) {
    try (Socket client =
        new Socket(
            InetAddress.getLoopbackAddress(), sidecar.port("in"), InetAddress.ofLiteral(from), 0)) {
      client.setSoTimeout(5000);
      client
          .getOutputStream()
          .write(
              "%s %s HTTP/1.1\r\nHost: inventory\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                  .formatted(method, path)
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return Integer.parseInt(answer.substring(9, 12));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whomIstioLetsInIsLetInAndNobodyElse() throws Exception {
    Await.until(() -> status(GUEST, "GET", "/items") == 200);

    controlPlane.write("service", migrated(TestControlPlane.service(app.port()) + POLICIES));

    Await.until(() -> status(GUEST, "GET", "/items") == 403);
    assertEquals(200, status(CLERK, "GET", "/items/7"));
    assertEquals(403, status(CLERK, "POST", "/items/7"), "another method");
    assertEquals(403, status(CLERK, "GET", "/orders"), "another path");
    assertEquals(403, status(CLERK, "GET", "/items/secret"), "a DENY goes first");
    assertEquals(403, status(GUEST, "GET", "/orders"), "a rule that cannot be said lets nobody in");
  }
}
