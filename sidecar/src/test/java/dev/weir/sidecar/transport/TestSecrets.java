package dev.weir.sidecar.transport;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.testkit.Await;
import dev.weir.testkit.TestCa;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * The secrets {@code default} and {@code ROOTCA} as a server of them gives them, and what a client
 * sees of a sidecar that serves by them.
 */
final class TestSecrets {
  private TestSecrets() {}

  /** It waits for secrets as long as it is to, and listens without them. */
  static TestSidecar listening(String yaml) {
    TestSidecar sidecar = TestSidecar.start(yaml, 2);
    Await.until(() -> sidecar.sidecar().addresses().get("in") != null);
    return sidecar;
  }

  private static DataSource inline(Path file) throws IOException {
    return DataSource.newBuilder()
        .setInlineBytes(ByteString.copyFrom(Files.readAllBytes(file)))
        .build();
  }

  static Any certificate(TestCa.Issued own, Path key) throws IOException {
    return Any.pack(
        Secret.newBuilder()
            .setName("default")
            .setTlsCertificate(
                TlsCertificate.newBuilder()
                    .setCertificateChain(inline(own.chain()))
                    .setPrivateKey(inline(key)))
            .build());
  }

  static Any certificate(TestCa.Issued own) throws IOException {
    return certificate(own, own.key());
  }

  static Any root(TestCa of) throws IOException {
    return Any.pack(
        Secret.newBuilder()
            .setName("ROOTCA")
            .setValidationContext(
                CertificateValidationContext.newBuilder().setTrustedCa(inline(of.certificate())))
            .build());
  }

  /** With a nonce that is the version. */
  static DiscoveryResponse response(String version, Collection<Any> secrets) {
    return DiscoveryResponse.newBuilder()
        .setTypeUrl(ResourceType.SECRET.typeUrl())
        .setVersionInfo(version)
        .setNonce(version)
        .addAllResources(secrets)
        .build();
  }

  static SSLSocket connect(SSLContext context, int port) throws IOException {
    Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
    plain.setSoTimeout(5000);
    return (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", port, true);
  }

  static boolean answers(SSLSocket socket) throws IOException {
    socket
        .getOutputStream()
        .write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII)
        .equals("HTTP/1.1 200");
  }

  /** The serial number of the certificate that the peer has shown. */
  static String shown(SSLSocket socket) throws IOException {
    return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
        .getSerialNumber()
        .toString();
  }

  static String serial(TestCa.Issued of) {
    return of.bundle().getCertificate().getSerialNumber().toString();
  }
}
