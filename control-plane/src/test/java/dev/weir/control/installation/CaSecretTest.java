package dev.weir.control.installation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.ca.CertificateAuthority;
import dev.weir.control.source.kubernetes.KubernetesClients;
import dev.weir.testkit.KubeApi;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets that others have made, in a real API server. */
@Tag("kubernetes")
class CaSecretTest {
  private final KubeApi api = KubeApi.shared();
  @TempDir Path folder;
  private KubernetesClient client;

  @SuppressWarnings("NullAway.Init")
  CaSecretTest() {}

  @BeforeEach
  void connect() throws Exception {
    client = KubernetesClients.of(Optional.of(api.kubeconfig()), Optional.empty());
    api.namespace("ca-secret");
  }

  @AfterEach
  void close() throws Exception {
    api.kubectl("delete", "secrets", "--all", "--namespace=ca-secret");
    client.close();
  }

  private Path root(String name) throws IOException {
    Path root = folder.resolve(name);
    CertificateAuthority.make(root, "cluster.local", Clock.systemUTC(), new SecureRandom());
    return root;
  }

  private CaSecret secret(Path into) {
    return new CaSecret(client, "ca-secret", "weir-ca", into);
  }

  private static void none(Path folder) {
    throw new AssertionError("there is one already");
  }

  @Test
  void secretOfCertManagerIsTheCaAndIsFollowed() throws Exception {
    Path first = root("first");
    write(first);
    Path into = folder.resolve("into");
    CaSecret secret = secret(into);
    secret.begin(CaSecretTest::none);
    for (String file : new String[] {"ca-cert.pem", "ca-key.pem", "root-cert.pem"}) {
      assertEquals(-1, Files.mismatch(first.resolve(file), into.resolve(file)), file);
    }
    Path second = root("second");
    write(second);
    assertTrue(secret.read());
    assertEquals(-1, Files.mismatch(second.resolve("ca-key.pem"), into.resolve("ca-key.pem")));
  }

  private void write(Path root) throws IOException {
    api.kubectl("delete", "secret", "weir-ca", "--namespace=ca-secret", "--ignore-not-found");
    api.kubectl(
        "create",
        "secret",
        "generic",
        "weir-ca",
        "--namespace=ca-secret",
        "--type=kubernetes.io/tls",
        "--from-file=tls.crt=" + root.resolve("ca-cert.pem"),
        "--from-file=tls.key=" + root.resolve("ca-key.pem"),
        "--from-file=ca.crt=" + root.resolve("root-cert.pem"));
  }

  @Test
  void secretWithoutACaIsSaidAndLeftAsItIs() throws Exception {
    api.kubectl(
        "create", "secret", "generic", "weir-ca", "--namespace=ca-secret", "--from-literal=a=b");
    IOException wrong =
        assertThrows(
            IOException.class, () -> secret(folder.resolve("into")).begin(at -> root("into")));
    assertTrue(
        Objects.requireNonNull(wrong.getMessage())
            .startsWith("Secret ca-secret/weir-ca is there, and has no CA in it; bring"),
        wrong.getMessage());
  }
}
