package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.tls.SecretRef;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.lang.ref.Reference;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * TLS with the secrets that are in force when a handshake begins. Without one that it needs it
 * makes no connection, in plain text least of all. Any thread, but for {@link #renew}.
 */
final class TlsSocket implements TransportSocket {
  /** Which end we are. */
  sealed interface Side {}

  /**
   * @param preferClientCiphers the client's order of ciphers counts, not our own
   * @param shares what each client has of the steps that wait
   */
  record Server(boolean preferClientCiphers, PeerShares shares) implements Side {}

  /**
   * @param serverName sent to the server; empty for none
   */
  record Client(String serverName) implements Side {}

  private final List<String> protocols;
  private final List<SecretRef> secrets;
  private final Supplier<TlsEngines> make;
  private final Executor tasks;
  private final Side side;

  private volatile @Nullable TlsEngines engines;
  private volatile String lacking = "it has no certificate yet";

  /**
   * @param protocols to offer by ALPN, where the connection wants no others
   * @param secrets that it needs
   * @param make makes what it needs with the secrets in force; {@link Unfit} where that cannot be
   */
  TlsSocket(
      List<String> protocols,
      List<SecretRef> secrets,
      Supplier<TlsEngines> make,
      Executor tasks,
      Side side) {
    this.protocols = List.copyOf(protocols);
    this.secrets = List.copyOf(secrets);
    this.make = make;
    this.tasks = tasks;
    this.side = side;
  }

  /** Whether the secret of this name is one of its. */
  boolean names(String secret) {
    return secrets.stream().anyMatch(each -> each.name().equals(secret));
  }

  /** Makes what it needs, or is {@link Unfit}. Control thread. */
  void start() {
    engines = make.get();
  }

  /**
   * A secret of its has changed, or it is new. What is there goes on where the new one cannot be
   * used. Control thread.
   */
  void renew() {
    try {
      engines = make.get();
    } catch (Unfit e) {
      lacking = e.field().isEmpty() ? e.reason() : e.field() + " " + e.reason();
    }
  }

  /** A secret of its must not be used any more. Control thread. */
  void withdraw(String reason) {
    lacking = reason;
    engines = null;
  }

  @Override
  public boolean plain() {
    return false;
  }

  @Override
  public List<String> protocols() {
    return protocols;
  }

  /**
   * What a connection's handshake is done with, all the way.
   *
   * @param tasks does the steps
   */
  private record Handshake(
      Channel channel,
      TlsEngines engines,
      HandshakeSteps steps,
      Executor tasks,
      Attachment attachment,
      Outcome outcome) {
    void fail(Throwable why) {
      String reason = TlsFailure.count(why, attachment);
      channel.close();
      outcome.failed(false, reason);
    }
  }

  @Override
  public void attach(Channel channel, Attachment attachment, Outcome outcome) {
    TlsEngines now = engines;
    if (now == null) {
      channel.close();
      attachment.slab().inc(attachment.stats().notReady);
      outcome.failed(false, "TLS_error: " + lacking);
      return;
    }
    HandshakeSteps steps = steps(channel);
    Executor inOrder =
        attachment.halfClose() ? new LateFin(steps, attachment.loop().eventLoop()) : steps;
    Handshake handshake = new Handshake(channel, now, steps, inOrder, attachment, outcome);
    List<String> offered = attachment.protocols().isEmpty() ? protocols : attachment.protocols();
    // BoringSSL's engine ends both ways when the peer ends one; the JDK's does not, in TLS 1.3.
    TlsProvider chosen = attachment.halfClose() ? TlsProvider.JDK : now.provider();
    SslContext known = now.known(chosen, offered);
    boolean early = chosen == TlsProvider.JDK && side instanceof Client;
    if (known != null && !early) {
      try {
        begin(handshake, handler(known, handshake), false);
      } finally {
        Reference.reachabilityFence(now);
      }
      return;
    }
    // What has keys in it is not made on the event loop.
    channel.config().setAutoRead(false);
    try {
      tasks.execute(() -> prepare(handshake, chosen, offered, early));
    } catch (RejectedExecutionException e) {
      handshake.fail(e);
    }
  }

  /** A client that has no address of its own is on this machine. */
  private HandshakeSteps steps(Channel channel) {
    return switch (side) {
      case Server(boolean _, PeerShares shares)
          when channel.remoteAddress() instanceof InetSocketAddress peer ->
          new HandshakeSteps(tasks, shares, peer.getAddress());
      case Server _, Client _ -> new HandshakeSteps(tasks, null, this);
    };
  }

  private void prepare(
      Handshake handshake, TlsProvider chosen, List<String> offered, boolean early) {
    SslHandler handler = null;
    Throwable failed = null;
    try {
      handler = handler(handshake.engines.context(chosen, offered), handshake);
      if (early) {
        handler.engine().beginHandshake();
      }
    } catch (SSLException | RuntimeException e) {
      failed = e;
    } finally {
      Reference.reachabilityFence(handshake.engines);
    }
    SslHandler made = handler;
    Throwable why = failed;
    try {
      handshake
          .attachment
          .loop()
          .eventLoop()
          .execute(() -> {
            handshake.channel.config().setAutoRead(true);
            if (made != null && why == null) {
              begin(handshake, made, early);
            } else {
              release(made);
              handshake.fail(Objects.requireNonNull(why));
            }
          });
    } catch (RejectedExecutionException e) {
      release(made);
      handshake.channel.close(); // the loops have ended meanwhile, and nobody waits for this
    }
  }

  /** Of one that no pipeline has. */
  private static void release(@Nullable SslHandler handler) {
    if (handler != null) {
      ReferenceCountUtil.release(handler.engine());
    }
  }

  private SslHandler handler(SslContext context, Handshake handshake) {
    Channel channel = handshake.channel;
    return switch (side) {
      case Server(boolean preferClientCiphers, PeerShares _) -> {
        SslHandler handler = context.newHandler(channel.alloc(), handshake.tasks);
        setUp(handler.engine(), handshake.engines.resumable(), preferClientCiphers);
        yield handler;
      }
      case Client(String configured) -> client(context, handshake, configured);
    };
  }

  private static void setUp(SSLEngine server, boolean resumable, boolean preferClientCiphers) {
    if (server instanceof ReferenceCountedOpenSslEngine own) {
      if (!resumable) {
        SSL.setOptions(own.sslPointer(), SSL.SSL_OP_NO_TICKET);
      }
      if (preferClientCiphers) {
        SSL.clearOptions(own.sslPointer(), SSL.SSL_OP_CIPHER_SERVER_PREFERENCE);
      }
    } else if (preferClientCiphers) {
      SSLParameters parameters = server.getSSLParameters();
      parameters.setUseCipherSuitesOrder(false);
      server.setSSLParameters(parameters);
    }
  }

  private static SslHandler client(SslContext context, Handshake handshake, String configured) {
    Channel channel = handshake.channel;
    ServerName called = handshake.attachment.called();
    String other = called == null ? null : called.sent();
    // By the address sessions are found again, and by the name if it is not one for all; the JDK's
    // engine sends the name of the session that it resumes. As no name of DNS it is not sent.
    String asked = other == null ? "" : "/" + other;
    SslHandler handler =
        channel.remoteAddress() instanceof InetSocketAddress peer && peer.getAddress() != null
            ? context.newHandler(
                channel.alloc(),
                peer.getAddress().getHostAddress() + asked,
                peer.getPort(),
                handshake.tasks)
            : context.newHandler(channel.alloc(), handshake.tasks);
    ServerNames.send(handler.engine(), other == null ? configured : other);
    neverAgain(handler.engine());
    return handler;
  }

  /** Netty lets a server of TLS 1.2 begin a second handshake, as some once did for certificates. */
  private static void neverAgain(SSLEngine client) {
    if (client instanceof ReferenceCountedOpenSslEngine own) {
      try {
        SSL.setRenegotiateMode(own.sslPointer(), SSL.SSL_RENEGOTIATE_NEVER);
      } catch (Exception e) {
        throw new IllegalStateException("BoringSSL knows no way to forbid it", e);
      }
    }
  }

  private static void begin(Handshake handshake, SslHandler handler, boolean early) {
    Channel channel = handshake.channel;
    Attachment attachment = handshake.attachment;
    if (!channel.isActive()) {
      release(handler);
      handshake.fail(new SSLException("the connection was closed"));
      return;
    }
    handler.setHandshakeTimeout(attachment.limitNanos(), TimeUnit.NANOSECONDS);
    channel
        .pipeline()
        .addFirst(
            "tls-wire",
            new TlsWire(
                handler, attachment, handshake.engines, handshake.steps, handshake.outcome));
    channel.pipeline().addFirst("tls", handler);
    if (handshake.tasks instanceof LateFin fin) {
      channel.pipeline().addFirst("late-fin", fin);
    }
    if (early) {
      // Netty's handler finds the handshake begun, and would wait; a flush sends what there is.
      channel.pipeline().context(TlsWire.class).flush();
    }
    handshake.outcome.attached();
  }

  @Override
  public String toString() {
    return "tls";
  }
}
