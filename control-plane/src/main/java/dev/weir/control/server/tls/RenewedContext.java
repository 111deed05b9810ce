package dev.weir.control.server.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/**
 * Makes each engine of BoringSSL's context that is in force then. What a context has outside of the
 * heap goes with the last engine of it, once another is in force or this is closed. Nobody comes
 * back by the ticket of a session: whoever was trusted is so again by a whole handshake. Any
 * thread.
 */
final class RenewedContext extends SslContext implements AutoCloseable {
  private SslContext inForce;
  private boolean closed;

  /**
   * @param first is released by this, and so is each that comes after it
   */
  RenewedContext(SslContext first) {
    this.inForce = first;
  }

  /** Puts {@code next} in force; it must be for the same end, and offer the same. */
  synchronized void renew(SslContext next) {
    if (closed) {
      ReferenceCountUtil.release(next);
      return;
    }
    SslContext before = inForce;
    inForce = next;
    ReferenceCountUtil.release(before);
  }

  synchronized SslContext inForce() {
    return inForce;
  }

  /** An engine holds its context, and is made before another thread may release that. */
  private synchronized SSLEngine engine(Function<SslContext, SSLEngine> maker) {
    if (closed) {
      throw new IllegalStateException("the control plane ends");
    }
    SSLEngine made = maker.apply(inForce);
    if (made instanceof ReferenceCountedOpenSslEngine own) {
      SSL.setOptions(own.sslPointer(), SSL.SSL_OP_NO_TICKET);
    }
    return made;
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator buffers) {
    return engine(context -> context.newEngine(buffers));
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator buffers, String host, int port) {
    return engine(context -> context.newEngine(buffers, host, port));
  }

  @Override
  public boolean isClient() {
    return inForce().isClient();
  }

  @Override
  public List<String> cipherSuites() {
    return inForce().cipherSuites();
  }

  @Override
  @SuppressWarnings("deprecation") // grpc-java asks for it
  public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
    return inForce().applicationProtocolNegotiator();
  }

  @Override
  public SSLSessionContext sessionContext() {
    return inForce().sessionContext();
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      ReferenceCountUtil.release(inForce);
    }
  }
}
