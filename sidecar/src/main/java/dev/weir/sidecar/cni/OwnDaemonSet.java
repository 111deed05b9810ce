package dev.weir.sidecar.cni;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The DaemonSet that the agent's pod is of, as the API server knows it. It is asked once, at the
 * end: whether the agent is to come back, or Weir leaves the node.
 */
final class OwnDaemonSet {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int MAX_BYTES = 1 << 20;

  private final Name name;
  private final URI server;
  private final Path account;

  /** Which one. */
  record Name(String namespace, String name) {
    static Name parse(String text) {
      if (!text.matches("[a-z0-9-]{1,63}/[a-z0-9.-]{1,253}")) {
        throw new IllegalArgumentException("\"" + text + "\" is not NAMESPACE/NAME");
      }
      int slash = text.indexOf('/');
      return new Name(text.substring(0, slash), text.substring(slash + 1));
    }
  }

  /**
   * @param server of the API
   * @param account the folder with a service account's token and the server's root
   */
  OwnDaemonSet(Name name, URI server, Path account) {
    this.name = name;
    this.server = server;
    this.account = account;
  }

  /**
   * Whether it has been removed, or is being so. Who is no longer let in has been removed with it:
   * its account and its role go in the same moment.
   *
   * @throws IOException the server does not say
   */
  boolean isGone() throws IOException {
    URI uri =
        server.resolve(
            "/apis/apps/v1/namespaces/%s/daemonsets/%s".formatted(name.namespace(), name.name()));
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    try {
      connection.setConnectTimeout((int) TIMEOUT.toMillis());
      connection.setReadTimeout((int) TIMEOUT.toMillis());
      connection.setRequestProperty(
          "Authorization", "Bearer " + Files.readString(account.resolve("token")).strip());
      connection.setRequestProperty("Accept", "application/json");
      if (connection instanceof HttpsURLConnection tls) {
        tls.setSSLSocketFactory(trusting(account.resolve("ca.crt")).getSocketFactory());
      }
      return switch (connection.getResponseCode()) {
        case HttpURLConnection.HTTP_NOT_FOUND,
            HttpURLConnection.HTTP_UNAUTHORIZED,
            HttpURLConnection.HTTP_FORBIDDEN ->
            true;
        case HttpURLConnection.HTTP_OK -> isEnding(connection);
        default -> throw new IOException("status " + connection.getResponseCode());
      };
    } catch (GeneralSecurityException e) {
      throw new IOException(account.resolve("ca.crt") + ": " + e.getMessage(), e);
    } finally {
      connection.disconnect();
    }
  }

  private static boolean isEnding(HttpURLConnection connection) throws IOException {
    try (InputStream in = connection.getInputStream()) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8)
          .contains("\"deletionTimestamp\"");
    }
  }

  private static SSLContext trusting(Path roots) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream in = Files.newInputStream(roots)) {
      int number = 0;
      for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("root-" + number++, root);
      }
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
