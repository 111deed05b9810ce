package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.tls.AwaitedSecret;
import dev.weir.sidecar.config.tls.CommonTls;
import dev.weir.sidecar.config.tls.DataSource;
import dev.weir.sidecar.config.tls.DownstreamTls;
import dev.weir.sidecar.config.tls.IssuedCertificate;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.config.tls.SecretRef;
import dev.weir.sidecar.config.tls.SessionTicketKeys;
import dev.weir.sidecar.config.tls.TicketKeySource;
import dev.weir.sidecar.config.tls.TlsCertificate;
import dev.weir.sidecar.config.tls.TlsParameters;
import dev.weir.sidecar.config.tls.UpstreamTls;
import dev.weir.sidecar.config.tls.ValidationContext;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Makes transport sockets from configuration: files are read, keys are held against certificates.
 * Whatever is wrong in them is an {@link Unfit} with its field; a secret that is not there yet is
 * not wrong. Control thread.
 */
public final class TransportSocketCompiler {
  /** That BoringSSL has read, of one transport socket. */
  private static final int MOST_KEYS = 16;

  /** That a listener keeps to be resumed. */
  private static final int MOST_SESSIONS = 4096;

  private final Executor tasks;
  private final PeerShares shares = new PeerShares();
  private final Secrets secrets;
  private final TlsMaterial material;
  private final Supplier<TlsProvider> provider;
  private @Nullable SecureRandom random;

  /**
   * @param tasks does the work of handshakes
   * @param provider asked when TLS is configured, and not before
   */
  public TransportSocketCompiler(Executor tasks, Secrets secrets, Supplier<TlsProvider> provider) {
    this.tasks = tasks;
    this.secrets = secrets;
    this.material = new TlsMaterial(secrets);
    this.provider = provider;
  }

  /** For a check: what it makes is thrown away. */
  public static TransportSocketCompiler scratch() {
    return new TransportSocketCompiler(Runnable::run, new Secrets(), TlsProvider.standard());
  }

  /**
   * The JDK's default reads a file whenever it is asked, which an event loop must not; this one has
   * read its seed. Made when TLS is first configured, as all that TLS costs.
   */
  private SecureRandom random() {
    SecureRandom made = random;
    if (made != null) {
      return made;
    }
    try {
      // A client of the JDK's engine may else begin handshake after handshake on one connection.
      unlessSaid("jdk.tls.rejectClientInitiatedRenegotiation", "true");
      // Tickets of the JDK's servers cannot be turned off, nor bounded in time; sessions that it
      // keeps itself can.
      unlessSaid("jdk.tls.server.enableSessionTicketExtension", "false");
      SecureRandom drbg = SecureRandom.getInstance("DRBG");
      drbg.nextBytes(new byte[1]);
      // Netty asks the JDK what it can do, by contexts of its own, when it is first used: here.
      SslHandler.isEncrypted(Unpooled.wrappedBuffer(new byte[5]), false);
      random = drbg;
      return drbg;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no DRBG", e);
    }
  }

  private static void unlessSaid(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  public TransportSocket downstream(DownstreamTls config) {
    config.ticketKeys().ifPresent(this::check);
    return socket(
        config.common(),
        config.secrets(),
        () ->
            engines(
                config.common(),
                PathRules.Use.CLIENT,
                false,
                config.resumption(),
                Optional.of(config),
                keys -> server(config, keys)),
        new TlsSocket.Server(config.preferClientCiphers(), shares));
  }

  private void check(TicketKeySource keys) {
    if (provider.get() != TlsProvider.BORINGSSL) {
      throw new Unfit(
          field(keys), "needs BoringSSL, which does not run here: the JDK's TLS has no such keys");
    }
    if (keys instanceof SessionTicketKeys given) {
      List<byte[]> _ = Unfit.at(field(keys), () -> Tickets.read(given));
    }
  }

  /** As it is called in a {@code DownstreamTlsContext}. */
  public static String field(TicketKeySource keys) {
    return switch (keys) {
      case SessionTicketKeys _ -> "session_ticket_keys";
      case SecretRef _ -> "session_ticket_keys_sds_secret_config";
    };
  }

  public TransportSocket upstream(UpstreamTls config) {
    if (config.common().trust().orElse(null) instanceof ValidationContext trust
        && trust.trustsNobody()) {
      return new RefusingSocket("nobody is trusted: there is no valid CA certificate");
    }
    return socket(
        config.common(),
        config.secrets(),
        () ->
            engines(
                config.common(),
                PathRules.Use.SERVER,
                config.autoSniSanValidation(),
                config.sessions() > 0,
                Optional.empty(),
                keys -> client(config, keys)),
        new TlsSocket.Client(config.sni()));
  }

  /** What it is given is looked at now; secrets that it names may come later, or anew. */
  private TransportSocket socket(
      CommonTls common, List<SecretRef> named, Supplier<TlsEngines> make, TlsSocket.Side side) {
    TlsSocket socket = new TlsSocket(common.alpnProtocols(), named, make, tasks, side);
    if (named.isEmpty()) {
      socket.start();
    } else {
      checkGiven(common);
      socket.renew();
      secrets.use(socket);
    }
    return socket;
  }

  /**
   * The transport sockets of a cluster; one that could be made when it was checked, and can be no
   * more, makes no connection: in plaintext least of all.
   */
  public ClusterTransports of(Cluster cluster) {
    List<ClusterTransports.Match> matches = new ArrayList<>();
    for (Cluster.SocketMatch match : cluster.socketMatches()) {
      matches.add(new ClusterTransports.Match(match, of(match.tls())));
    }
    return new ClusterTransports(of(cluster.tls()), matches);
  }

  private TransportSocket of(Optional<UpstreamTls> tls) {
    if (tls.isEmpty()) {
      return TransportSocket.PLAIN;
    }
    try {
      return upstream(tls.get());
    } catch (Unfit e) {
      return new RefusingSocket(e.field() + " " + e.reason());
    }
  }

  /** Whether {@code content} can be used, whatever for: a key fits its certificate. */
  public static void check(Secret.Content content) {
    switch (content) {
      case TlsCertificate own -> Unfit.at("tls_certificate", () -> Credentials.own(own));
      case ValidationContext trust ->
          Unfit.at(
              "validation_context", () -> PeerVerifiers.of(trust, PathRules.Use.SERVER, false));
      case SessionTicketKeys keys -> {
        List<byte[]> _ = Unfit.at("session_ticket_keys", () -> Tickets.read(keys));
      }
      case IssuedCertificate _, AwaitedSecret _ -> {} // nobody has written them
    }
  }

  /** What {@code source} says, as UTF-8; {@link Unfit} where it cannot be read. */
  public static String text(DataSource source) {
    return new String(Credentials.read(source), StandardCharsets.UTF_8);
  }

  private static void checkGiven(CommonTls config) {
    Unfit.at(
        "common_tls_context",
        () -> {
          CipherSuites.of(config.parameters().cipherSuites());
          for (int i = 0; i < config.certificates().size(); i++) {
            if (config.certificates().get(i) instanceof TlsCertificate given) {
              Unfit.at("tls_certificates[" + i + "]", () -> Credentials.own(given));
            }
          }
          return config;
        });
  }

  private interface Builders {
    SslContextBuilder of(@Nullable KeyManagerFactory keys);
  }

  /**
   * @param tickets of the server that may have keys for them; empty for a client
   */
  private TlsEngines engines(
      CommonTls config,
      PathRules.Use peer,
      boolean nameOfServer,
      boolean resumable,
      Optional<DownstreamTls> tickets,
      Builders builders) {
    return Unfit.at(
        "common_tls_context",
        () -> {
          // First, as it has the JDK make its TLS ready: where that is after what random() sets,
          // the JDK's clients resume no session of TLS 1.3.
          TlsProvider standard = provider.get();
          random();
          List<OwnKeys.Own> own = material.own(config);
          OwnKeysFactory keys = own.isEmpty() ? null : new OwnKeysFactory(new OwnKeys(own));
          KeyManagerFactory cached =
              keys == null ? null : new OpenSslCachingX509KeyManagerFactory(keys, MOST_KEYS);
          Optional<ValidationContext> trust = material.trust(config);
          X509ExtendedTrustManager peers = peers(trust, peer, nameOfServer);
          TlsEngines engines =
              new TlsEngines(
                  standard,
                  each ->
                      common(
                          builders.of(each == TlsProvider.BORINGSSL ? cached : keys),
                          peers,
                          config.parameters(),
                          each),
                  config.parameters().curves(),
                  peers instanceof PeerVerifier verifier && verifier.dated(),
                  resumable,
                  TrustDomains.of(own, trust.isPresent()),
                  tickets.flatMap(server -> tickets(server, own, trust)));
          engines.context(
              engines.provider(), config.alpnProtocols()); // now, for whatever is wrong with it
          return engines;
        });
  }

  private Optional<Tickets> tickets(
      DownstreamTls config, List<OwnKeys.Own> own, Optional<ValidationContext> trust) {
    return config
        .ticketKeys()
        .map(keys ->
            Tickets.of(
                material.ticketKeys(keys),
                SessionScope.of(own, trust, config.requireClientCertificate())));
  }

  private static X509ExtendedTrustManager peers(
      Optional<ValidationContext> trust, PathRules.Use use, boolean nameOfServer) {
    return trust.isEmpty()
        ? new AnyPeer()
        : Unfit.at("validation_context", () -> PeerVerifiers.of(trust.get(), use, nameOfServer));
  }

  private SslContextBuilder server(DownstreamTls config, @Nullable KeyManagerFactory keys) {
    SslContextBuilder builder =
        SslContextBuilder.forServer(java.util.Objects.requireNonNull(keys))
            .clientAuth(auth(config))
            .sessionCacheSize(MOST_SESSIONS)
            .sessionTimeout(config.sessionTimeout().toSeconds());
    if (!config.resumption()) {
      builder.sessionCacheSize(1).sessionTimeout(1);
    }
    return builder;
  }

  private static ClientAuth auth(DownstreamTls config) {
    if (config.requireClientCertificate()) {
      return ClientAuth.REQUIRE;
    }
    return config.common().trust().isPresent() ? ClientAuth.OPTIONAL : ClientAuth.NONE;
  }

  private static SslContextBuilder client(UpstreamTls config, @Nullable KeyManagerFactory keys) {
    SslContextBuilder builder =
        // A name that must be there is among those of the validation context, as in Envoy.
        SslContextBuilder.forClient().endpointIdentificationAlgorithm(null);
    if (keys != null) {
      builder.keyManager(keys);
    }
    return config.sessions() > 0
        ? builder.sessionCacheSize(Math.max(config.sessions(), 1024))
        : builder.sessionCacheSize(1).sessionTimeout(1);
  }

  private SslContextBuilder common(
      SslContextBuilder builder,
      X509ExtendedTrustManager peers,
      TlsParameters parameters,
      TlsProvider by) {
    List<String> versions = new ArrayList<>();
    for (TlsParameters.Version version : TlsParameters.Version.values()) {
      if (version.compareTo(parameters.minimum()) >= 0
          && version.compareTo(parameters.maximum()) <= 0) {
        versions.add(
            switch (version) {
              case TLS_1_2 -> "TLSv1.2";
              case TLS_1_3 -> "TLSv1.3";
            });
      }
    }
    builder.sslProvider(by.netty()).trustManager(peers).protocols(versions);
    builder.ciphers(
        Unfit.at(
            "tls_params.cipher_suites",
            () ->
                CipherSuites.of(
                    parameters.cipherSuites().isEmpty()
                        ? CipherSuites.DEFAULT
                        : parameters.cipherSuites())));
    switch (by) {
      case BORINGSSL -> {
        builder.option(OpenSslContextOption.USE_TASKS, true);
        if (!parameters.curves().isEmpty()) {
          builder.option(OpenSslContextOption.GROUPS, parameters.curves().toArray(String[]::new));
        }
      }
      case JDK -> builder.secureRandom(random());
    }
    return builder;
  }
}
