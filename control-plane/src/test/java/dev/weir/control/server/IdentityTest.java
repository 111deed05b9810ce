package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Empty;
import com.google.protobuf.StringValue;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import dev.weir.control.TestControlPlane;
import dev.weir.control.ca.Csr;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.server.tls.TlsChannels;
import dev.weir.protos.istio.v1.auth.IstioCertificateRequest;
import dev.weir.protos.istio.v1.auth.IstioCertificateResponse;
import dev.weir.testkit.TestCa;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who a client is: over real TLS, with grpc-java's client. */
@Tag("tls")
@Tag("slow")
class IdentityTest {
  private static final String FRONTEND = "spiffe://mesh.test/ns/shop/sa/frontend";

  @TempDir Path folder;
  private ProvingMesh mesh;
  private TestControlPlane controlPlane;

  @SuppressWarnings("NullAway.Init")
  IdentityTest() {}

  @BeforeEach
  void start() throws Exception {
    mesh = new ProvingMesh(folder);
    controlPlane = mesh.controlPlane;
  }

  @AfterEach
  void stop() throws Exception {
    mesh.close();
  }

  /** A certificate with its key. */
  private record Own(PrivateKey key, List<X509Certificate> chain) {}

  private ManagedChannel channel(Optional<Own> own) {
    return channel(own, mesh.root());
  }

  private ManagedChannel channel(Optional<Own> own, Path root) {
    return mesh.channels.open(
        controlPlane.listen(),
        root,
        tls -> own.ifPresent(one -> tls.keyManager(one.key, one.chain)));
  }

  private static IstioCertificateResponse issue(
      ManagedChannel channel, Optional<String> token, String csr) {
    return issue(channel, token, csr, Duration.ofHours(1));
  }

  private static IstioCertificateResponse issue(
      ManagedChannel channel, Optional<String> token, String csr, Duration lasting) {
    return ClientCalls.blockingUnaryCall(
        ClientInterceptors.intercept(channel, token.map(TlsChannels::bearer).stream().toList()),
        CertificateService.CREATE,
        CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
        IstioCertificateRequest.newBuilder()
            .setCsr(csr)
            .setValidityDuration(lasting.toSeconds())
            .build());
  }

  private Own certified(String subject) {
    return certified(subject, Duration.ofHours(1));
  }

  private Own certified(String subject, Duration lasting) {
    KeyPair pair = Csr.key();
    IstioCertificateResponse response =
        issue(
            channel(Optional.empty()),
            Optional.of(mesh.token(ProvingMesh.claims(subject))),
            Csr.of(pair, FRONTEND),
            lasting);
    return new Own(pair.getPrivate(), certificates(response.getCertChain(0)));
  }

  private static List<X509Certificate> certificates(String pem) {
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
          .stream()
          .map(X509Certificate.class::cast)
          .toList();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static String uri(X509Certificate certificate) throws Exception {
    return String.valueOf(certificate.getSubjectAlternativeNames().iterator().next().get(1));
  }

  @Test
  void tokenBecomesACertificateThatOpensTheStreamAndIsRenewedByItself() throws Exception {
    Own own = certified(FRONTEND);
    assertEquals(FRONTEND, uri(own.chain.getFirst()));

    try (DeltaClient client =
        new DeltaClient(
            channel(Optional.of(own)), Nodes.sidecar("frontend-1", "frontend", "127.0.0.1"))) {
      client.subscribe(ResourceType.LISTENER, "*");
      assertTrue(client.next(ResourceType.LISTENER).getResourcesCount() > 0);
    }
    IstioCertificateResponse renewed =
        issue(channel(Optional.of(own)), Optional.empty(), Csr.of(Csr.key(), FRONTEND));
    assertEquals(FRONTEND, uri(certificates(renewed.getCertChain(0)).getFirst()));
    assertEquals(
        Files.readString(folder.resolve("ca/root-cert.pem")),
        renewed.getCertChain(renewed.getCertChainCount() - 1));
    String page = controlPlane.page("/ca");
    assertTrue(page.replace(" ", "").contains("\"issued\":2"), page);
  }

  /** Its connection is open still, and could be one that resumes a session. */
  @Test
  void certificateThatHasEndedProvesNothingMore() throws Exception {
    ManagedChannel channel = channel(Optional.of(certified(FRONTEND)));
    String csr = Csr.of(Csr.key(), FRONTEND);
    issue(channel, Optional.empty(), csr);
    controlPlane.advance(Duration.ofHours(25));
    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> issue(channel, Optional.empty(), csr));
    assertEquals(Status.Code.UNAUTHENTICATED, refused.getStatus().getCode());
    assertTrue(
        String.valueOf(refused.getMessage()).contains("its certificate has ended"),
        refused.getMessage());
  }

  private void assertEndsUnproven(ManagedChannel channel, Duration ends, Own fresh) {
    try (DeltaClient client =
        new DeltaClient(channel, Nodes.sidecar("frontend-1", "frontend", "127.0.0.1"))) {
      client.subscribe(ResourceType.LISTENER, "*");
      assertTrue(client.next(ResourceType.LISTENER).getResourcesCount() > 0);
      controlPlane.advance(ends); // it has ended, but may be renewed these minutes
      assertTrue(client.quiet());
      controlPlane.advance(ends.plusMinutes(16));
      Status end = Status.fromThrowable(client.end());
      assertEquals(Status.Code.UNAUTHENTICATED, end.getCode());
      assertTrue(
          String.valueOf(end.getDescription()).startsWith("what it has proved itself by ended at "),
          end.toString());
    }
    assertEquals(
        List.of(
            "frontend-1 (shop/frontend): what proved who it is has ended; so is its stream, and it"
                + " may come back with what is newer"),
        controlPlane.refusals().stream().filter(line -> line.contains("frontend-1")).toList());
    try (DeltaClient again =
        new DeltaClient(
            channel(Optional.of(fresh)), Nodes.sidecar("frontend-1", "frontend", "127.0.0.1"))) {
      again.subscribe(ResourceType.LISTENER, "*");
      assertTrue(again.next(ResourceType.LISTENER).getResourcesCount() > 0);
    }
  }

  @Test
  void streamEndsSomeTimeAfterTheCertificateThatOpenedIt() throws Exception {
    assertEndsUnproven(
        channel(Optional.of(certified(FRONTEND))),
        Duration.ofHours(1).plusSeconds(5),
        certified(FRONTEND, Duration.ofDays(1)));
  }

  @Test
  void streamEndsSomeTimeAfterTheTokenThatOpenedIt() throws Exception {
    Own own = certified(FRONTEND);
    assertEndsUnproven(
        mesh.channel(mesh.token(ProvingMesh.claims(FRONTEND))),
        Duration.ofMinutes(10).plusSeconds(5),
        own);
  }

  @Test
  void kubernetesNamesAWorkloadByItsServiceAccount() throws Exception {
    assertEquals(FRONTEND, uri(certified("system:serviceaccount:shop:frontend").chain.getFirst()));
  }

  @Test
  void requestThatAsksForAnotherIdentityGetsItsOwn() throws Exception {
    IstioCertificateResponse response =
        issue(
            channel(Optional.empty()),
            Optional.of(mesh.token(ProvingMesh.claims("spiffe://mesh.test/ns/shop/sa/cart"))),
            Csr.of(Csr.key(), FRONTEND));
    assertEquals(
        "spiffe://mesh.test/ns/shop/sa/cart",
        uri(certificates(response.getCertChain(0)).getFirst()));
  }

  private Status refusal(Optional<String> token) {
    return assertThrows(
            StatusRuntimeException.class,
            () -> issue(channel(Optional.empty()), token, Csr.of(Csr.key())))
        .getStatus();
  }

  private void assertUnauthenticated(String reason, Optional<String> token) {
    Status status = refusal(token);
    assertEquals(Status.Code.UNAUTHENTICATED, status.getCode());
    assertEquals(reason, status.getDescription());
    assertTrue(
        controlPlane.refusals().contains("a client at 127.0.0.1 is refused: " + reason),
        controlPlane.refusals().toString());
  }

  @Test
  void whoProvesNothingIsToldHowTo() {
    assertUnauthenticated(
        "it must prove who it is: by a certificate of this mesh's CA, or by a token for audience"
            + " \"weir\" (authorization: Bearer)",
        Optional.empty());
  }

  @Test
  void tokenThatProvesNothingIsRefusedWithTheReason() throws Exception {
    assertUnauthenticated(
        "the token is not for audience \"weir\"",
        Optional.of(mesh.token(ProvingMesh.claims(FRONTEND).audience("other"))));
    Date ended = Date.from(Instant.parse("2020-01-01T00:00:00Z"));
    assertUnauthenticated(
        "the token ended at 2020-01-01T00:00:00Z",
        Optional.of(mesh.token(ProvingMesh.claims(FRONTEND).expirationTime(ended))));
    assertUnauthenticated(
        "the token does not say when it ends",
        Optional.of(mesh.token(ProvingMesh.claims(FRONTEND).expirationTime(null))));
    assertUnauthenticated(
        "the token's subject is no workload of trust domain \"mesh.test\"",
        Optional.of(mesh.token(ProvingMesh.claims("spiffe://other/ns/shop/sa/frontend"))));
    assertUnauthenticated("the token is no signed JWT", Optional.of("nonsense"));
    assertUnauthenticated(
        "the token is signed with no key that is known here",
        Optional.of(
            ProvingMesh.signed(
                ProvingMesh.claims(FRONTEND),
                new ECKeyGenerator(Curve.P_256).keyID("one").generate())));
    String unsigned =
        "eyJhbGciOiJub25lIn0." + mesh.token(ProvingMesh.claims(FRONTEND)).split("\\.")[1] + ".";
    assertUnauthenticated("the token is no signed JWT", Optional.of(unsigned));
  }

  @Test
  void keySetThatComesLaterIsTaken() throws Exception {
    RSAKey rsa = new RSAKeyGenerator(2048).keyID("kube").generate();
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("kube").build(),
            ProvingMesh.claims("system:serviceaccount:shop:frontend").build());
    token.sign(new RSASSASigner(rsa));
    refusal(Optional.of(token.serialize()));
    Files.writeString(folder.resolve("tokens/kube.json"), new JWKSet(rsa.toPublicJWK()).toString());
    ManagedChannel channel = channel(Optional.empty());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      try {
        issue(channel, Optional.of(token.serialize()), Csr.of(Csr.key()));
        return;
      } catch (StatusRuntimeException notYet) {
        assertTrue(System.nanoTime() < end, notYet.toString());
      }
    }
  }

  private Status streamEnd(ManagedChannel channel, String service, String address) {
    try (DeltaClient client =
        new DeltaClient(channel, Nodes.sidecar(service + "-1", service, address))) {
      client.subscribe(ResourceType.LISTENER, "*");
      return Status.fromThrowable(client.end());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cart | 127.0.0.1 | spiffe://mesh.test/ns/shop/sa/frontend may not stand beside service"
            + " shop/cart; node.metadata.WEIR_NAMESPACE and WEIR_SERVICE must be shop and frontend",
        "frontend | 10.0.0.9 | spiffe://mesh.test/ns/shop/sa/frontend may not register address"
            + " 10.0.0.9: its connection comes from 127.0.0.1",
      })
  void whoClaimsToBeAnotherIsToldSoInALine(String service, String address, String reason) {
    Status status = streamEnd(channel(Optional.of(certified(FRONTEND))), service, address);
    assertEquals(Status.Code.PERMISSION_DENIED, status.getCode());
    assertEquals(reason, status.getDescription());
    assertTrue(
        controlPlane.refusals().contains("a client is refused: " + reason),
        controlPlane.refusals().toString());
  }

  @Test
  void tokenSaysWhichAddressIsItsHolders() throws Exception {
    String token = mesh.token(ProvingMesh.claims(FRONTEND).claim("weir.dev/address", "10.0.0.7"));
    try (DeltaClient client =
        new DeltaClient(mesh.channel(token), Nodes.sidecar("frontend-1", "frontend", "10.0.0.7"))) {
      client.subscribe(ResourceType.LISTENER, "*");
      assertTrue(client.next(ResourceType.LISTENER).getResourcesCount() > 0);
    }
    assertEquals(
        FRONTEND + " may not register address 127.0.0.1: its token is for 10.0.0.7",
        streamEnd(mesh.channel(token), "frontend", "127.0.0.1").getDescription());
  }

  /** As that of a member of weir run, whose connection comes from its machine. */
  @Test
  void addressOfTheInstancesRangeIsRegisteredFromWhereverTheCallComes() {
    try (DeltaClient client =
        new DeltaClient(
            channel(Optional.of(certified(FRONTEND))),
            Nodes.sidecar("frontend-1", "frontend", "10.88.0.7"))) {
      client.subscribe(ResourceType.LISTENER, "*");
      assertTrue(client.next(ResourceType.LISTENER).getResourcesCount() > 0);
    }
  }

  @Test
  void servicesAreToldToWhoProvesWhoItIsAndToNobodyElse() {
    StringValue told =
        ClientCalls.blockingUnaryCall(
            channel(Optional.of(certified(FRONTEND))),
            ServiceDirectory.LIST,
            CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
            Empty.getDefaultInstance());
    assertEquals(controlPlane.page("/services"), told.getValue());
    assertEquals(
        Status.Code.UNAUTHENTICATED,
        assertThrows(
                StatusRuntimeException.class,
                () ->
                    ClientCalls.blockingUnaryCall(
                        channel(Optional.empty()),
                        ServiceDirectory.LIST,
                        CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                        Empty.getDefaultInstance()))
            .getStatus()
            .getCode());
  }

  @Test
  void certificateAndTokenOfDifferentOnesAreRefused() {
    Own own = certified(FRONTEND);
    Status status =
        assertThrows(
                StatusRuntimeException.class,
                () ->
                    issue(
                        channel(Optional.of(own)),
                        Optional.of(
                            mesh.token(ProvingMesh.claims("spiffe://mesh.test/ns/shop/sa/cart"))),
                        Csr.of(Csr.key())))
            .getStatus();
    assertEquals(
        "its certificate is " + FRONTEND + "'s and its token spiffe://mesh.test/ns/shop/sa/cart's",
        status.getDescription());
  }

  @Test
  void strangersCertificateAndPlainTextEndTheConnection() {
    TestCa strange = TestCa.create(folder, "strange");
    TestCa.Issued issued = strange.issue(FRONTEND);
    Own own =
        new Own(
            issued.bundle().getKeyPair().getPrivate(), List.of(issued.bundle().getCertificate()));
    for (ManagedChannel channel :
        List.of(
            channel(Optional.of(own)), plain(), channel(Optional.empty(), strange.certificate()))) {
      assertEquals(
          Status.Code.UNAVAILABLE,
          assertThrows(
                  StatusRuntimeException.class,
                  () ->
                      issue(
                          channel,
                          Optional.of(mesh.token(ProvingMesh.claims(FRONTEND))),
                          Csr.of(Csr.key())))
              .getStatus()
              .getCode());
    }
  }

  private ManagedChannel plain() {
    return mesh.channels.add(controlPlane.channel());
  }

  @Test
  void identityHasFewStreamsFromOneAddress() {
    ManagedChannel channel = channel(Optional.of(certified(FRONTEND)));
    List<DeltaClient> clients = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      DeltaClient client =
          new DeltaClient(channel, Nodes.sidecar("frontend-" + i, "frontend", "127.0.0.1"));
      clients.add(client);
      client.subscribe(ResourceType.LISTENER, "*");
      assertTrue(client.next(ResourceType.LISTENER).getResourcesCount() > 0);
    }
    Status status = streamEnd(channel, "frontend", "127.0.0.1");
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, status.getCode());
    assertEquals("one identity has 8 streams at most from an address", status.getDescription());
    clients.forEach(DeltaClient::close);
  }
}
