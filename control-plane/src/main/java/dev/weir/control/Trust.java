package dev.weir.control;

import dev.weir.control.ca.CertificateAuthority;
import dev.weir.control.metrics.MeshCollector;
import dev.weir.control.server.CertificateService;
import dev.weir.control.server.Identification;
import dev.weir.control.server.PolicyReach;
import dev.weir.control.server.ReachService;
import dev.weir.control.server.tls.Handshakes;
import dev.weir.control.server.tls.ServerTls;
import dev.weir.control.token.Holders;
import dev.weir.control.token.TokenKeys;
import dev.weir.control.token.Tokens;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/**
 * Who is who: the CA, the keys of tokens and the TLS of the control plane's port, with a thread
 * that looks at their folders.
 */
final class Trust implements AutoCloseable {
  private final CertificateAuthority authority;
  private final TokenKeys keys;

  /** Of a connection, to which its client has shown one certificate. */
  private static final Duration LONGEST_CONNECTION = Duration.ofMinutes(30);

  private final ServerTls tls;
  private final SslContext context;
  private final Identification identification;
  private final Consumer<String> refused;
  private final Consumer<Throwable> failed;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("ca").daemon().factory());

  /**
   * @param holders knows whose tokens are; empty: the keys in the folder do
   * @param rescan how often the folders are looked at
   */
  Trust(
      Settings.Security settings,
      Optional<Holders> holders,
      Duration rescan,
      Clock clock,
      Consumer<String> told,
      Consumer<Throwable> failed)
      throws IOException {
    this.refused = new Seldom(told, System::nanoTime);
    this.failed = failed;
    this.authority =
        new CertificateAuthority(
            settings.ca(), settings.trustDomain(), clock, System::nanoTime, random(), told);
    this.keys = new TokenKeys(settings.tokens(), told);
    if (settings.tokenKey().isPresent()) {
      trust(keys, settings.tokenKey().get());
    }
    this.identification =
        new Identification(
            holders.orElseGet(() -> new Tokens(keys, settings.trustDomain(), clock)),
            settings.trustDomain(),
            settings.instances(),
            clock,
            refused);
    this.tls = new ServerTls(authority, settings.names(), clock, told);
    this.context = tls.context();
    long millis = rescan.toMillis();
    var _ = thread.scheduleWithFixedDelay(this::look, millis, millis, TimeUnit.MILLISECONDS);
  }

  private static void trust(TokenKeys keys, Path key) throws IOException {
    try {
      keys.trust(key);
    } catch (AccessDeniedException e) {
      throw new IOException("--token-key: " + key + " cannot be read", e);
    } catch (FileSystemException e) {
      throw new IOException("--token-key: " + key + " cannot be used: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IOException("--token-key: " + e.getMessage(), e);
    }
  }

  static SecureRandom random() {
    try {
      return SecureRandom.getInstance("DRBG");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no DRBG", e);
    }
  }

  private void look() {
    try {
      tls.renew(authority.reread());
      keys.reread();
    } catch (RuntimeException mistake) {
      failed.accept(mistake); // The next look may fare better.
    }
  }

  /**
   * Lets in by TLS who proves who he is, and serves the CA.
   *
   * @param channels what the server listens by
   */
  void secure(NettyServerBuilder server, ChannelFactory<? extends ServerChannel> channels) {
    server
        .sslContext(context)
        .channelFactory(Handshakes.inTurn(channels))
        // What is under way goes on; a new call is made by a certificate that is as new.
        .maxConnectionAge(LONGEST_CONNECTION.toSeconds(), TimeUnit.SECONDS)
        .addService(new CertificateService(authority, refused))
        .intercept(identification);
  }

  /** For one of several control planes that asks the others. */
  SslContext clientTls() throws IOException {
    return tls.clientContext();
  }

  /** Tells the other control planes how far policies have come with the proxies of this one. */
  ReachService reach(Callable<Optional<PolicyReach.Part>> look) {
    return new ReachService(ServerTls.identity(authority), look);
  }

  /** What the mesh trusts now, in PEM. */
  String roots() {
    return authority.rootsInPem();
  }

  /** Of the webhooks' port. */
  SSLContext webhookTls() throws IOException {
    return tls.serverContext();
  }

  MeshCollector.Ca counts() {
    return new MeshCollector.Ca(authority.until(), authority.issued(), authority.refused());
  }

  Map<String, Object> page() {
    return authority.page();
  }

  @Override
  public void close() {
    thread.shutdownNow();
    tls.close();
  }
}
