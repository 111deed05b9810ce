package dev.weir.sidecar.transport;

import dev.weir.sidecar.transport.TransportSocket.Attachment;
import dev.weir.sidecar.transport.TransportSocket.Outcome;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Stands behind Netty's TLS handler and makes its connection behave as one of plain bytes does: a
 * close_notify for a FIN, an error for a FIN without one, and who writes too much is told at once.
 * Event loop of the channel.
 */
final class TlsWire extends ChannelDuplexHandler {
  private final SslHandler tls;
  private final Attachment attachment;

  /** The peer's certificate must not have ended. */
  private final boolean dated;

  private final TrustDomains ours;
  private final HandshakeSteps steps;

  /** Null when it has been told. */
  private @Nullable Outcome outcome;

  private boolean failed;
  private boolean inputShutdown;
  private boolean outputShutdown;
  private boolean closing;
  private boolean unflushed;

  TlsWire(
      SslHandler tls, Attachment attachment, TlsEngines by, HandshakeSteps steps, Outcome outcome) {
    this.tls = tls;
    this.attachment = attachment;
    this.dated = by.dated();
    this.ours = by.ours();
    this.steps = steps;
    this.outcome = outcome;
  }

  boolean inputShutdown() {
    return inputShutdown;
  }

  boolean outputShutdown() {
    return outputShutdown;
  }

  void shutdownOutput() {
    if (!outputShutdown) {
      outputShutdown = true;
      tls.closeOutbound();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    switch (event) {
      case SslHandshakeCompletionEvent handshake -> completed(ctx, handshake);
      case SslCloseCompletionEvent close -> {
        if (close.isSuccess()) {
          notified(ctx);
        }
      }
      case ChannelInputShutdownEvent _ -> fin(ctx);
      default -> ctx.fireUserEventTriggered(event);
    }
  }

  private void completed(ChannelHandlerContext ctx, SslHandshakeCompletionEvent handshake) {
    Outcome told = outcome;
    if (told == null) {
      return;
    }
    outcome = null;
    steps.end();
    if (handshake.isSuccess()) {
      TlsSession session = session();
      CertificateException other = another(session.peer());
      if (other != null) {
        failed = true;
        told.failed(false, TlsFailure.count(other, attachment));
        ctx.close();
        return;
      }
      attachment.slab().inc(attachment.stats().handshake);
      if (session.peer() == null) {
        attachment.slab().inc(attachment.stats().noCertificate);
      }
      session.keep(ctx.channel());
      told.ready(session.protocol());
    } else {
      failed = true;
      boolean timeout = handshake.cause() instanceof SslHandshakeTimeoutException;
      told.failed(timeout, TlsFailure.count(handshake.cause(), attachment));
    }
  }

  /**
   * Why the peer is another than the one that is called, or is it no more. Not asked of the
   * verifier: it is not asked about a session that is resumed.
   */
  private @Nullable CertificateException another(@Nullable Peer peer) {
    ServerName called = attachment.called();
    String required = called == null ? null : called.required();
    try {
      if (peer != null && dated) {
        for (X509Certificate each : peer.chain()) {
          each.checkValidity();
        }
      }
      if (required != null && peer == null) {
        throw new CertificateException("none was shown");
      }
      if (required != null && peer != null) {
        PeerVerifier.checkIsFor(peer.certificate(), required);
      }
      return null;
    } catch (CertificateException e) {
      return e;
    }
  }

  private TlsSession session() {
    SSLEngine engine = tls.engine();
    SSLSession session = engine.getSession();
    Peer peer;
    try {
      peer = Peer.of(session.getPeerCertificates());
    } catch (SSLPeerUnverifiedException e) {
      peer = null; // it has shown none
    }
    String protocol = engine.getApplicationProtocol();
    Peer own = Peer.of(session.getLocalCertificates());
    return new TlsSession(
        protocol == null ? "" : protocol,
        ServerNames.received(engine, session),
        session.getProtocol(),
        session.getCipherSuite(),
        peer,
        own == null ? List.of() : own.uris(),
        own == null ? "" : own.subject(),
        ours.have(peer));
  }

  /** The peer says by a close_notify that nothing more comes. */
  private void notified(ChannelHandlerContext ctx) {
    if (inputShutdown || outcome != null) {
      return;
    }
    inputShutdown = true;
    if (Boolean.TRUE.equals(ctx.channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE))) {
      ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    } else {
      ctx.channel().close();
    }
  }

  private void fin(ChannelHandlerContext ctx) {
    if (outcome != null) {
      ctx.channel().close(); // in the midst of the handshake, which fails by it
    } else {
      truncated(ctx);
    }
  }

  private void truncated(ChannelHandlerContext ctx) {
    if (!inputShutdown && !failed && !closing) {
      inputShutdown = true;
      ctx.fireExceptionCaught(new IOException("the peer has ended TLS without a close_notify"));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    truncated(ctx);
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Throwable real = real(cause);
    if (real instanceof SSLException && (failed || outcome != null)) {
      return; // told, or about to be, by the handshake's end
    }
    if (real instanceof SSLException) {
      attachment.slab().inc(attachment.stats().connectionError);
    }
    ctx.fireExceptionCaught(real);
  }

  /** A step of the handshake that is not done is the peer's failure, as what it sends is. */
  private static Throwable real(Throwable cause) {
    Throwable inner = cause instanceof DecoderException ? cause.getCause() : cause;
    return switch (inner) {
      case IOException io -> io;
      case RejectedExecutionException refused -> new SSLException(refused.getMessage(), refused);
      case null, default -> cause;
    };
  }

  /**
   * Netty's handler counts what waits to be encrypted, but has it told in a later task: whoever
   * feeds this connection would meanwhile read all that its own turn lets it.
   */
  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    unflushed = true;
    boolean writable = ctx.channel().isWritable();
    ctx.write(message, promise);
    if (writable && !ctx.channel().isWritable()) {
      ctx.fireChannelWritabilityChanged();
    }
  }

  /** With nothing written, Netty's handler would send an empty record. */
  @Override
  public void flush(ChannelHandlerContext ctx) {
    if (unflushed) {
      unflushed = false;
      ctx.flush();
    }
  }

  /** A reset is none if a close_notify goes before it, and a handshake has nothing to say. */
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    closing = true;
    Integer linger = ctx.channel().config().getOption(ChannelOption.SO_LINGER);
    if (outcome != null || linger != null && linger == 0) {
      ctx.channel().unsafe().close(promise);
    } else {
      ctx.close(promise);
    }
  }
}
