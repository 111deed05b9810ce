package dev.weir.control.server;

import dev.weir.control.model.AddressRange;
import dev.weir.control.model.SpiffeId;
import dev.weir.control.server.tls.Svid;
import dev.weir.control.token.Holder;
import dev.weir.control.token.Holders;
import dev.weir.control.token.Tokens;
import dev.weir.control.token.WrongToken;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Lets those call who prove who they are: by a certificate of the mesh's CA, by a token, or by
 * both, which must agree. Any thread.
 */
public final class Identification implements ServerInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private static final String BEARER = "Bearer ";

  private final Holders tokens;
  private final String trustDomain;
  private final List<AddressRange> instances;
  private final Clock clock;
  private final Consumer<String> refused;

  /**
   * @param instances addresses that anybody may register for the service of his identity
   * @param clock says which certificates have ended
   * @param refused is told who was refused and why, a line each
   */
  public Identification(
      Holders tokens,
      String trustDomain,
      List<AddressRange> instances,
      Clock clock,
      Consumer<String> refused) {
    this.tokens = tokens;
    this.trustDomain = trustDomain;
    this.instances = List.copyOf(instances);
    this.clock = clock;
    this.refused = refused;
  }

  private static final class Unproven extends Exception {
    private static final long serialVersionUID = 1;

    Unproven(String message) {
      super(message);
    }
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    String peer = peer(call);
    try {
      Caller caller = caller(call, headers, peer);
      return Contexts.interceptCall(
          Context.current().withValue(Caller.OF, caller), call, headers, next);
    } catch (Unproven e) {
      refused.accept("a client at " + peer + " is refused: " + e.getMessage());
      call.close(Status.UNAUTHENTICATED.withDescription(e.getMessage()), new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }

  private static String peer(ServerCall<?, ?> call) {
    return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
                instanceof InetSocketAddress address
            && address.getAddress() != null
        ? address.getAddress().getHostAddress()
        : "";
  }

  private Caller caller(ServerCall<?, ?> call, Metadata headers, String peer) throws Unproven {
    Optional<Shown> shown = shown(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
    String authorization = headers.get(AUTHORIZATION);
    if (authorization == null) {
      Shown own =
          shown.orElseThrow(() ->
              new Unproven(
                  "it must prove who it is: by a certificate of this mesh's CA, or by a token for"
                      + " audience \""
                      + Tokens.AUDIENCE
                      + "\" (authorization: Bearer)"));
      return new Caller.Proven(
          own.identity, Optional.empty(), peer, instances, Optional.of(own.ends));
    }
    if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      throw new Unproven("authorization must be Bearer and a token");
    }
    try {
      Holder holder = tokens.holder(authorization.substring(BEARER.length()).strip());
      if (shown.isPresent() && !shown.get().identity.equals(holder.identity())) {
        throw new Unproven(
            "its certificate is %s's and its token %s's"
                .formatted(shown.get().identity, holder.identity()));
      }
      return new Caller.Proven(holder.identity(), holder.address(), peer, instances, holder.ends());
    } catch (WrongToken e) {
      throw new Unproven(String.valueOf(e.getMessage()));
    }
  }

  /** Of a certificate. */
  private record Shown(SpiffeId identity, Instant ends) {}

  /**
   * By the handshake a shown certificate is one of the CA's. That was when the connection was made,
   * or the session that it resumes.
   */
  private Optional<Shown> shown(@Nullable SSLSession session) throws Unproven {
    if (session == null) {
      return Optional.empty();
    }
    try {
      if (!(session.getPeerCertificates()[0] instanceof X509Certificate certificate)) {
        return Optional.empty();
      }
      if (certificate.getNotAfter().toInstant().isBefore(clock.instant())) {
        throw new Unproven("its certificate has ended: " + certificate.getNotAfter().toInstant());
      }
      SpiffeId identity =
          Svid.identity(certificate)
              .filter(id -> id.trustDomain().equals(trustDomain))
              .orElseThrow(() ->
                  new Unproven(
                      "its certificate has no SPIFFE ID of trust domain \""
                          + trustDomain
                          + "\" alone"));
      return Optional.of(new Shown(identity, certificate.getNotAfter().toInstant()));
    } catch (SSLPeerUnverifiedException none) {
      return Optional.empty();
    }
  }
}
