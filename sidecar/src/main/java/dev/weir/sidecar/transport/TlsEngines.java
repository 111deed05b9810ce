package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.Unfit;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.ReferenceCountUtil;
import java.lang.ref.Cleaner;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The contexts of a TLS transport socket with the secrets that it has now: one for each list of
 * protocols that is offered, which the pools have few of. Engines hold their context; what the
 * contexts have outside of the heap goes when this is held no more and the last engine is gone. Any
 * thread.
 */
final class TlsEngines {
  private static final Cleaner CLEANER = Cleaner.create();

  /** Lists of protocols, of both providers. */
  private static final int MOST = 16;

  /** What a context is for. */
  private record Wish(TlsProvider provider, List<String> protocols) {}

  /** Makes the builder of a context. */
  interface Builders {
    SslContextBuilder of(TlsProvider provider);
  }

  private final TlsProvider provider;
  private final Builders builders;
  private final List<String> curves;
  private final boolean dated;
  private final boolean resumable;
  private final TrustDomains ours;
  private final Optional<Tickets> tickets;
  private final Contexts contexts = new Contexts();

  /** Apart from the outer object, whose end it waits for. */
  private static final class Contexts implements Runnable {
    private final Map<Wish, SslContext> made = new ConcurrentHashMap<>();

    @Override
    public void run() {
      made.values().forEach(ReferenceCountUtil::release);
    }
  }

  /**
   * @param provider whose engines are used, but for what needs the JDK's
   * @param curves of key exchange, as OpenSSL calls them; empty for the provider's
   * @param dated a peer's certificate must not have ended, and so must that of a session that is
   *     resumed
   * @param resumable sessions may be resumed
   * @param ours whose workloads are of our mesh
   * @param tickets of a server, made by BoringSSL; empty for keys of each context's own
   */
  TlsEngines(
      TlsProvider provider,
      Builders builders,
      List<String> curves,
      boolean dated,
      boolean resumable,
      TrustDomains ours,
      Optional<Tickets> tickets) {
    this.provider = provider;
    this.builders = builders;
    this.curves = List.copyOf(curves);
    this.dated = dated;
    this.resumable = resumable;
    this.ours = ours;
    this.tickets = tickets;
    CLEANER.register(this, contexts);
  }

  TlsProvider provider() {
    return provider;
  }

  boolean dated() {
    return dated;
  }

  boolean resumable() {
    return resumable;
  }

  TrustDomains ours() {
    return ours;
  }

  /**
   * Makes it, if it is the first time. What is made of it must be made while this is held.
   *
   * @param protocols to offer by ALPN; empty for none
   */
  SslContext context(TlsProvider provider, List<String> protocols) {
    return contexts.made.computeIfAbsent(new Wish(provider, List.copyOf(protocols)), this::make);
  }

  /** As {@link #context}, if it has been made; else null. */
  @Nullable SslContext known(TlsProvider provider, List<String> protocols) {
    return contexts.made.get(new Wish(provider, protocols));
  }

  private SslContext make(Wish wish) {
    if (contexts.made.size() >= MOST) {
      throw new IllegalStateException("more than " + MOST + " lists of protocols by ALPN");
    }
    SslContextBuilder builder = builders.of(wish.provider);
    if (!wish.protocols.isEmpty()) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              ApplicationProtocolConfig.Protocol.ALPN,
              // As Envoy: a client that offers nothing we have is taken without, not refused.
              ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
              ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
              wish.protocols));
    }
    try {
      SslContext made = builder.build();
      if (made instanceof ReferenceCountedOpenSslContext own) {
        tickets.ifPresent(each -> each.putInto(own));
        if (!resumable) {
          own.sessionContext().setSessionCacheEnabled(false);
        }
      }
      return wish.provider == TlsProvider.JDK && !curves.isEmpty()
          ? new JdkCurves(made, curves)
          : made;
    } catch (SSLException | IllegalArgumentException e) {
      throw new Unfit("", "cannot be used: " + e.getMessage());
    }
  }
}
