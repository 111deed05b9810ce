package dev.weir.control.server.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.Empty;
import dev.weir.control.ca.CertificateAuthority;
import dev.weir.control.model.SpiffeId;
import dev.weir.control.server.ReachService;
import dev.weir.testkit.Await;
import dev.weir.testkit.TestCa;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom a server of grpc-java lets in, and what it shows them. */
@Tag("tls")
class ServerTlsTest {
  private static final SpiffeId CART = new SpiffeId("mesh.test", "shop", "cart");

  @TempDir Path folder;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final TlsChannels channels = new TlsChannels();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private CertificateAuthority authority;
  private ServerTls tls;
  private SslContext context;
  private Server server;

  @SuppressWarnings("NullAway.Init")
  ServerTlsTest() {}

  @BeforeEach
  void start() throws Exception {
    CertificateAuthority.make(ca(), "mesh.test", at(Duration.ofDays(-3)), random());
    authority = authority(Duration.ZERO);
    tls = new ServerTls(authority, List.of("localhost"), Clock.systemUTC(), told::add);
    context = tls.context();
    server = serve(context);
  }

  @AfterEach
  void stop() throws Exception {
    channels.close();
    end(server);
    tls.close();
    loops.shutdownGracefully();
  }

  private Server serve(SslContext context) throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .sslContext(context)
        .channelFactory(Handshakes.inTurn(NioServerSocketChannel::new))
        .bossEventLoopGroup(loops)
        .workerEventLoopGroup(loops)
        .build()
        .start();
  }

  private static void end(Server server) throws InterruptedException {
    server.shutdownNow();
    assertTrue(server.awaitTermination(20, TimeUnit.SECONDS));
  }

  private Path ca() {
    return folder.resolve("ca");
  }

  private Path root() {
    return ca().resolve("root-cert.pem");
  }

  private static SecureRandom random() throws Exception {
    return SecureRandom.getInstance("DRBG");
  }

  private static Clock at(Duration ahead) {
    return Clock.offset(Clock.systemUTC(), ahead);
  }

  /** The same CA, whose time is another. */
  private CertificateAuthority authority(Duration ahead) throws Exception {
    return new CertificateAuthority(
        ca(), "mesh.test", at(ahead), System::nanoTime, random(), told::add);
  }

  private InetSocketAddress address() {
    return address(server);
  }

  private static InetSocketAddress address(Server of) {
    return (InetSocketAddress) of.getListenSockets().getFirst();
  }

  private ManagedChannel showing(CertificateAuthority.Own own) {
    return channels.open(
        address(), root(), builder -> builder.keyManager(own.pair().getPrivate(), own.chain()));
  }

  /** UNIMPLEMENTED: it was let in, and asks for what is not there. */
  private static Status.Code ask(ManagedChannel channel) {
    try {
      ClientCalls.blockingUnaryCall(
          channel,
          ReachService.LOOK,
          CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
          Empty.getDefaultInstance());
      throw new AssertionError("there is no such service");
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private SSLContext trusting() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (var in = Files.newInputStream(root())) {
      store.setCertificateEntry(
          "root", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    SSLContext made = SSLContext.getInstance("TLS");
    made.init(null, factory.getTrustManagers(), null);
    return made;
  }

  /** A connection whose handshake is done, and on which the server has said something. */
  private SSLSocket connect(SSLContext client, String version) throws IOException {
    Socket plain = new Socket(address().getAddress(), address().getPort());
    plain.setSoTimeout(10_000);
    SSLSocket socket =
        (SSLSocket) client.getSocketFactory().createSocket(plain, "localhost", 443, true);
    var parameters = socket.getSSLParameters();
    parameters.setProtocols(new String[] {version});
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    assertTrue(socket.getInputStream().read() >= 0);
    return socket;
  }

  private static X509Certificate shown(SSLSocket socket) throws IOException {
    return (X509Certificate) socket.getSession().getPeerCertificates()[0];
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void handshakesShowWhatIsInForceAndOpenConnectionsGoOn(String version) throws Exception {
    ManagedChannel open = channels.open(address(), root(), builder -> {});
    assertEquals(Status.Code.UNIMPLEMENTED, ask(open));
    try (SSLSocket before = connect(trusting(), version)) {
      tls.renew(true);
      try (SSLSocket after = connect(trusting(), version)) {
        assertEquals("h2", after.getApplicationProtocol());
        assertNotEquals(shown(before).getSerialNumber(), shown(after).getSerialNumber());
      }
      tls.renew(false); // half of its time has not gone by
      try (SSLSocket after = connect(trusting(), version)) {
        assertNotEquals(shown(before).getSerialNumber(), shown(after).getSerialNumber());
      }
    }
    assertEquals(Status.Code.UNIMPLEMENTED, ask(open));
    assertEquals(List.of(), told);
  }

  @Test
  void clientOfTheMeshMayShowItsCertificate() throws Exception {
    assertEquals(Status.Code.UNIMPLEMENTED, ask(showing(authority.own(CART, List.of()))));
    assertEquals(Status.Code.UNIMPLEMENTED, ask(channels.open(address(), root(), builder -> {})));
  }

  @Test
  void clientWhoseCertificateHasEndedIsRefused() throws Exception {
    CertificateAuthority.Own ended = authority(Duration.ofDays(-2)).own(CART, List.of());
    assertEquals(Status.Code.UNAVAILABLE, ask(showing(ended)));
  }

  @Test
  void clientOfAnotherCaIsRefused() throws Exception {
    TestCa other = TestCa.create(folder, "other");
    TestCa.Issued own = other.issue(CART.toString());
    assertEquals(
        Status.Code.UNAVAILABLE,
        ask(
            channels.open(
                address(),
                root(),
                builder -> builder.keyManager(own.chain().toFile(), own.key().toFile()))));
  }

  @Test
  void controlPlaneTrustsAnotherOneWhateverItsAddressAndNobodyElse() throws Exception {
    SslContext client = tls.clientContext();
    assertEquals(Status.Code.UNIMPLEMENTED, ask(channel(client, server)));
    tls.renew(true);
    assertEquals(Status.Code.UNIMPLEMENTED, ask(channel(client, server)));

    CertificateAuthority.Own cart = authority.own(CART, List.of("localhost", "127.0.0.1"));
    Server stranger =
        serve(
            GrpcSslContexts.configure(
                    SslContextBuilder.forServer(cart.pair().getPrivate(), cart.chain()),
                    SslProvider.JDK)
                .build());
    assertEquals(Status.Code.UNAVAILABLE, ask(channel(client, stranger)));
    end(stranger);
  }

  private ManagedChannel channel(SslContext client, Server to) {
    return channels.add(NettyChannelBuilder.forAddress(address(to)).sslContext(client).build());
  }

  /** Whoever was refused since, or whose certificate has ended, would be let in by one. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void nobodyComesBackByASessionOfBoringSsl(String version) throws Exception {
    assumeTrue(context instanceof RenewedContext);
    assertFalse(comesBackByASession(version));
    tls.renew(true);
    assertFalse(comesBackByASession(version));
  }

  /** A session that is resumed was made before. */
  private boolean comesBackByASession(String version) throws Exception {
    SSLContext client = trusting();
    long first;
    try (SSLSocket socket = connect(client, version)) {
      first = socket.getSession().getCreationTime();
    }
    long now = System.currentTimeMillis();
    Await.until(() -> System.currentTimeMillis() > now);
    try (SSLSocket socket = connect(client, version)) {
      return socket.getSession().getCreationTime() == first;
    }
  }

  @Test
  void thousandRenewalsLeaveTheContextInForceAndThoseOfOpenConnections() throws Exception {
    assumeTrue(context instanceof RenewedContext);
    RenewedContext served = (RenewedContext) context;
    RenewedContext client = (RenewedContext) tls.clientContext();
    List<SslContext> made = new ArrayList<>();
    SslContext held = served.inForce();
    ManagedChannel open = channels.open(address(), root(), builder -> {});
    assertEquals(Status.Code.UNIMPLEMENTED, ask(open));
    for (int i = 0; i < 1000; i++) {
      made.add(served.inForce());
      made.add(client.inForce());
      tls.renew(true);
    }
    assertEquals(1, ReferenceCountUtil.refCnt(held));
    made.remove(held);
    assertEquals(0, made.stream().mapToInt(ReferenceCountUtil::refCnt).sum());
    open.shutdownNow();
    Await.until(() -> ReferenceCountUtil.refCnt(held) == 0);
    assertEquals(1, ReferenceCountUtil.refCnt(served.inForce()));
    tls.close();
    assertEquals(0, ReferenceCountUtil.refCnt(served.inForce()));
    assertEquals(0, ReferenceCountUtil.refCnt(client.inForce()));
  }
}
