package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.tls.AwaitedSecret;
import dev.weir.sidecar.config.tls.CertificateSource;
import dev.weir.sidecar.config.tls.CommonTls;
import dev.weir.sidecar.config.tls.IssuedCertificate;
import dev.weir.sidecar.config.tls.PeerTrust;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.config.tls.SecretRef;
import dev.weir.sidecar.config.tls.SessionTicketKeys;
import dev.weir.sidecar.config.tls.TicketKeySource;
import dev.weir.sidecar.config.tls.TlsCertificate;
import dev.weir.sidecar.config.tls.ValidationContext;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a TLS transport socket is made of, with its files and the secrets in force in their places;
 * {@link Unfit} where something is wrong or lacking. Control thread.
 */
final class TlsMaterial {
  private final Secrets secrets;

  TlsMaterial(Secrets secrets) {
    this.secrets = secrets;
  }

  /** Who we are, in the order that is configured. */
  List<OwnKeys.Own> own(CommonTls config) {
    List<OwnKeys.Own> own = new ArrayList<>();
    for (int i = 0; i < config.certificates().size(); i++) {
      CertificateSource source = config.certificates().get(i);
      own.add(
          switch (source) {
            case TlsCertificate given ->
                Unfit.at("tls_certificates[" + i + "]", () -> Credentials.own(given));
            case SecretRef secret -> own(secret);
          });
    }
    return own;
  }

  private OwnKeys.Own own(SecretRef secret) {
    return switch (content(secret)) {
      case TlsCertificate certificate -> Credentials.own(certificate);
      case IssuedCertificate issued ->
          new OwnKeys.Own(issued.chain().toArray(X509Certificate[]::new), issued.key());
      case ValidationContext _, SessionTicketKeys _, AwaitedSecret _ ->
          throw new Unfit("", "the secret \"" + secret.name() + "\" is no tls_certificate");
    };
  }

  /** What the peer must be, with nothing of it in files; empty for anybody. */
  Optional<ValidationContext> trust(CommonTls config) {
    if (config.trust().isEmpty()) {
      return Optional.empty();
    }
    ValidationContext context =
        switch (config.trust().get()) {
          case ValidationContext given -> given;
          case SecretRef secret -> trust(secret);
          case PeerTrust.Combined(ValidationContext given, SecretRef secret) ->
              given.mergedWith(trust(secret));
        };
    if (context.takesAnyone()) {
      throw new Unfit("validation_context", "has no trusted_ca: anybody can have those names");
    }
    return Optional.of(Unfit.at("validation_context", () -> context.with(Credentials::inline)));
  }

  private ValidationContext trust(SecretRef secret) {
    return switch (content(secret)) {
      case ValidationContext context -> context;
      case TlsCertificate _, IssuedCertificate _, SessionTicketKeys _, AwaitedSecret _ ->
          throw new Unfit("", "the secret \"" + secret.name() + "\" is no validation_context");
    };
  }

  SessionTicketKeys ticketKeys(TicketKeySource source) {
    return switch (source) {
      case SessionTicketKeys given -> given;
      case SecretRef secret ->
          switch (content(secret)) {
            case SessionTicketKeys keys -> keys;
            case TlsCertificate _, IssuedCertificate _, ValidationContext _, AwaitedSecret _ ->
                throw new Unfit(
                    "", "the secret \"" + secret.name() + "\" is no session_ticket_keys");
          };
    };
  }

  private Secret.Content content(SecretRef secret) {
    return secrets
        .get(secret.name())
        .orElseThrow(() -> new Unfit("", "the secret \"" + secret.name() + "\" has not come yet"));
  }
}
