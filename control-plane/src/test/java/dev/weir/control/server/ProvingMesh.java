package dev.weir.control.server;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.weir.control.Settings;
import dev.weir.control.TestControlPlane;
import dev.weir.control.model.AddressRange;
import dev.weir.control.server.tls.TlsChannels;
import io.grpc.ManagedChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;

/**
 * A control plane to which clients prove who they are, over real TLS, of a mesh with services
 * {@code frontend} and {@code cart} in namespace {@code shop}; and a key whose tokens it takes.
 */
final class ProvingMesh implements AutoCloseable {
  final TestControlPlane controlPlane;
  final TlsChannels channels = new TlsChannels();
  private final Path folder;
  private final ECKey key;

  ProvingMesh(Path folder) throws Exception {
    this.folder = folder;
    TestControlPlane.services(Files.createDirectory(config()), "frontend", "cart");
    key = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
    Path tokens = Files.createDirectory(folder.resolve("tokens"));
    Files.writeString(tokens.resolve("test.jwks"), new JWKSet(key.toPublicJWK()).toString());
    controlPlane =
        new TestControlPlane(
            config(),
            Optional.empty(),
            Optional.of(
                new Settings.Security(
                    folder.resolve("ca"),
                    "mesh.test",
                    tokens,
                    Optional.of(folder.resolve("token-key.pem")),
                    List.of("localhost"),
                    List.of(AddressRange.parse("10.88.0.0/16")))));
  }

  /** The folder that it reads. */
  Path config() {
    return folder.resolve("mesh");
  }

  /** What proves that it is it. */
  Path root() {
    return folder.resolve("ca/root-cert.pem");
  }

  /** Of one that is {@code subject} for ten minutes. */
  static JWTClaimsSet.Builder claims(String subject) {
    return new JWTClaimsSet.Builder()
        .subject(subject)
        .audience("weir")
        .expirationTime(Date.from(Instant.now().plusSeconds(600)));
  }

  String token(JWTClaimsSet.Builder claims) {
    return signed(claims, key);
  }

  static String signed(JWTClaimsSet.Builder claims, ECKey by) {
    try {
      SignedJWT token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(by.getKeyID()).build(),
              claims.build());
      token.sign(new ECDSASigner(by));
      return token.serialize();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  /** Of one who proves itself by a token. */
  ManagedChannel channel(String token) {
    return channels.open(controlPlane.listen(), root(), token);
  }

  @Override
  public void close() throws Exception {
    channels.close();
    controlPlane.close();
  }
}
