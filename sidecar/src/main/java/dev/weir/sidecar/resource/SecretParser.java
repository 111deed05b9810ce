package dev.weir.sidecar.resource;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.route.StringMatch;
import dev.weir.sidecar.config.tls.DataSource;
import dev.weir.sidecar.config.tls.SanMatch;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.config.tls.SessionTicketKeys;
import dev.weir.sidecar.config.tls.TlsCertificate;
import dev.weir.sidecar.config.tls.ValidationContext;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.StringMatches;
import io.envoyproxy.envoy.config.core.v3.WatchedDirectory;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * {@code extensions.transport_sockets.tls.v3.Secret} and what is in one. What is not honoured is
 * refused, whatever the field policy is: who was to be looked at must not be let in.
 */
final class SecretParser {
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  /** 32 bytes in base64. */
  private static final Pattern SPKI = Pattern.compile("[A-Za-z0-9+/]{43}=");

  private static final String WATCHED = "watched_directory";

  private SecretParser() {}

  static Secret parse(
      io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret proto, FieldPath path)
      throws Invalid {
    return switch (proto.getTypeCase()) {
      case TLS_CERTIFICATE -> {
        var certificate = proto.getTlsCertificate();
        FieldPath at = path.field("tls_certificate");
        yield new Secret(
            proto.getName(),
            certificate(certificate.toBuilder().clearWatchedDirectory().build(), at),
            directory(certificate.hasWatchedDirectory(), certificate.getWatchedDirectory(), at));
      }
      case VALIDATION_CONTEXT -> {
        var context = proto.getValidationContext();
        FieldPath at = path.field("validation_context");
        yield new Secret(
            proto.getName(),
            validation(context.toBuilder().clearWatchedDirectory().build(), at),
            directory(context.hasWatchedDirectory(), context.getWatchedDirectory(), at));
      }
      case SESSION_TICKET_KEYS ->
          new Secret(
              proto.getName(),
              ticketKeys(proto.getSessionTicketKeys(), path.field("session_ticket_keys")));
      case GENERIC_SECRET -> throw new Invalid(path.field("generic_secret"), "is not supported");
      case TYPE_NOT_SET ->
          throw new Invalid(
              path, "must set one of tls_certificate, validation_context, session_ticket_keys");
    };
  }

  private static Optional<String> directory(boolean set, WatchedDirectory proto, FieldPath path)
      throws Invalid {
    if (!set) {
      return Optional.empty();
    }
    FieldPath at = path.field(WATCHED).field("path");
    if (proto.getPath().isEmpty()) {
      throw new Invalid(at, "must not be empty");
    }
    if (proto.getPath().indexOf('\0') >= 0) {
      throw new Invalid(at, "must have no NUL");
    }
    return Optional.of(proto.getPath());
  }

  /** In Envoy it has no effect there, and says so in its documentation alone. */
  private static void refuseDirectory(boolean set, FieldPath path) throws Invalid {
    if (set) {
      throw new Invalid(
          path.field(WATCHED),
          "is for what comes as a secret: name one by its sds_config, or one of the bootstrap");
    }
  }

  /** One that stands in a transport socket, or in a secret without its directory. */
  static TlsCertificate certificate(
      io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate proto, FieldPath path)
      throws Invalid {
    refuseDirectory(proto.hasWatchedDirectory(), path);
    TlsContexts.refuseAllBut(proto, path, Set.of("certificate_chain", "private_key"));
    return new TlsCertificate(
        source(proto.getCertificateChain(), path.field("certificate_chain")),
        source(proto.getPrivateKey(), path.field("private_key")));
  }

  /** One that stands in a transport socket, or in a secret without its directory. */
  static ValidationContext validation(CertificateValidationContext proto, FieldPath path)
      throws Invalid {
    refuseDirectory(proto.hasWatchedDirectory(), path);
    TlsContexts.refuseAllBut(
        proto,
        path,
        Set.of(
            "trusted_ca",
            "match_typed_subject_alt_names",
            "match_subject_alt_names",
            "verify_certificate_hash",
            "verify_certificate_spki",
            "crl",
            "only_verify_leaf_cert_crl",
            "max_verify_depth"));
    if (proto.hasCrl() && !proto.hasTrustedCa()) {
      throw new Invalid(path.field("crl"), "needs the trusted_ca whose certificates it takes back");
    }
    return new ValidationContext(
        optional(proto.hasTrustedCa(), proto.getTrustedCa(), path.field("trusted_ca")),
        names(proto, path),
        hashes(proto, path.field("verify_certificate_hash")),
        keys(proto, path.field("verify_certificate_spki")),
        optional(proto.hasCrl(), proto.getCrl(), path.field("crl")),
        proto.getOnlyVerifyLeafCertCrl(),
        proto.hasMaxVerifyDepth()
            ? Optional.of(proto.getMaxVerifyDepth().getValue())
            : Optional.empty());
  }

  static SessionTicketKeys ticketKeys(TlsSessionTicketKeys proto, FieldPath path) throws Invalid {
    TlsContexts.refuseAllBut(proto, path, Set.of("keys"));
    FieldPath at = path.field("keys");
    if (proto.getKeysCount() == 0) {
      throw new Invalid(at, "must have an entry");
    }
    List<DataSource> keys = new ArrayList<>();
    for (int i = 0; i < proto.getKeysCount(); i++) {
      keys.add(source(proto.getKeys(i), at.index(i)));
    }
    return new SessionTicketKeys(keys);
  }

  private static List<String> hashes(CertificateValidationContext proto, FieldPath path)
      throws Invalid {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < proto.getVerifyCertificateHashCount(); i++) {
      String hash = proto.getVerifyCertificateHash(i).replace(":", "").toLowerCase(Locale.ROOT);
      if (!SHA_256.matcher(hash).matches()) {
        throw new Invalid(path.index(i), "must be a SHA-256 in hex, with colons or without");
      }
      all.add(hash);
    }
    return all;
  }

  private static List<String> keys(CertificateValidationContext proto, FieldPath path)
      throws Invalid {
    for (int i = 0; i < proto.getVerifyCertificateSpkiCount(); i++) {
      if (!SPKI.matcher(proto.getVerifyCertificateSpki(i)).matches()) {
        throw new Invalid(path.index(i), "must be a SHA-256 in base64");
      }
    }
    return proto.getVerifyCertificateSpkiList();
  }

  /**
   * Those without a type, which are deprecated and which istiod sends for a DestinationRule's
   * {@code subjectAltNames}, fit names of each type, as in Envoy.
   */
  @SuppressWarnings("deprecation")
  private static List<SanMatch> names(CertificateValidationContext proto, FieldPath path)
      throws Invalid {
    FieldPath typed = path.field("match_typed_subject_alt_names");
    FieldPath untyped = path.field("match_subject_alt_names");
    if (proto.getMatchTypedSubjectAltNamesCount() > 0 && proto.getMatchSubjectAltNamesCount() > 0) {
      throw new Invalid(untyped, "must not stand beside match_typed_subject_alt_names");
    }
    List<SanMatch> names = new ArrayList<>();
    for (int i = 0; i < proto.getMatchTypedSubjectAltNamesCount(); i++) {
      names.add(name(proto.getMatchTypedSubjectAltNames(i), typed.index(i)));
    }
    for (int i = 0; i < proto.getMatchSubjectAltNamesCount(); i++) {
      StringMatch match = StringMatches.parse(proto.getMatchSubjectAltNames(i), untyped.index(i));
      for (SanMatch.Type type : SanMatch.Type.values()) {
        names.add(new SanMatch(type, match));
      }
    }
    return names;
  }

  private static SanMatch name(SubjectAltNameMatcher proto, FieldPath path) throws Invalid {
    TlsContexts.refuseAllBut(proto, path, Set.of("san_type", "matcher"));
    SanMatch.Type type =
        switch (proto.getSanType()) {
          case DNS -> SanMatch.Type.DNS;
          case URI -> SanMatch.Type.URI;
          case EMAIL -> SanMatch.Type.EMAIL;
          case IP_ADDRESS -> SanMatch.Type.IP_ADDRESS;
          case SAN_TYPE_UNSPECIFIED, OTHER_NAME, UNRECOGNIZED ->
              throw new Invalid(
                  path.field("san_type"), "must be one of DNS, URI, EMAIL, IP_ADDRESS");
        };
    return new SanMatch(type, StringMatches.parse(proto.getMatcher(), path.field("matcher")));
  }

  private static Optional<DataSource> optional(
      boolean set, io.envoyproxy.envoy.config.core.v3.DataSource proto, FieldPath path)
      throws Invalid {
    return set ? Optional.of(source(proto, path)) : Optional.empty();
  }

  private static DataSource source(
      io.envoyproxy.envoy.config.core.v3.DataSource proto, FieldPath path) throws Invalid {
    TlsContexts.refuseAllBut(proto, path, Set.of("filename", "inline_bytes", "inline_string"));
    return switch (proto.getSpecifierCase()) {
      case FILENAME -> new DataSource.File(proto.getFilename());
      case INLINE_BYTES -> new DataSource.Inline(proto.getInlineBytes().toByteArray());
      case INLINE_STRING -> new DataSource.Inline(proto.getInlineStringBytes().toByteArray());
      case ENVIRONMENT_VARIABLE, SPECIFIER_NOT_SET ->
          throw new Invalid(path, "must set one of filename, inline_bytes, inline_string");
    };
  }
}
