package dev.weir.sidecar.resource;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.WireMessage;
import dev.weir.sidecar.config.tls.CertificateSource;
import dev.weir.sidecar.config.tls.CommonTls;
import dev.weir.sidecar.config.tls.DownstreamTls;
import dev.weir.sidecar.config.tls.PeerTrust;
import dev.weir.sidecar.config.tls.SecretRef;
import dev.weir.sidecar.config.tls.TicketKeySource;
import dev.weir.sidecar.config.tls.TlsParameters;
import dev.weir.sidecar.config.tls.TlsParameters.Version;
import dev.weir.sidecar.config.tls.UpstreamTls;
import dev.weir.sidecar.config.tls.ValidationContext;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code extensions.transport_sockets.tls.v3}, as far as it is honoured; the rest is refused. */
final class TlsContexts {
  /** As in Envoy's servers, which take BoringSSL's. */
  private static final Duration SESSION_TIMEOUT = Duration.ofHours(2);

  private TlsContexts() {}

  static DownstreamTls downstream(DownstreamTlsContext proto, FieldPath path) throws Invalid {
    refuseAllBut(
        proto,
        path,
        Set.of(
            "common_tls_context",
            "require_client_certificate",
            "disable_stateless_session_resumption",
            "disable_stateful_session_resumption",
            "session_timeout",
            "session_ticket_keys",
            "session_ticket_keys_sds_secret_config",
            "prefer_client_ciphers",
            "full_scan_certs_on_sni_mismatch"));
    FieldPath commonPath = path.field("common_tls_context");
    CommonTls common = common(proto.getCommonTlsContext(), commonPath);
    if (common.certificates().isEmpty()) {
      throw new Invalid(commonPath.field("tls_certificates"), "must have an entry");
    }
    boolean require = proto.getRequireClientCertificate().getValue();
    if (require && common.trust().isEmpty()) {
      throw new Invalid(
          path.field("require_client_certificate"),
          "needs a validation_context with a trusted_ca: without, any certificate would do");
    }
    Duration timeout =
        Scalars.duration(
            proto.hasSessionTimeout(),
            proto.getSessionTimeout(),
            SESSION_TIMEOUT,
            path.field("session_timeout"));
    return new DownstreamTls(
        common,
        require,
        !proto.getDisableStatelessSessionResumption(),
        timeout,
        ticketKeys(proto, path),
        proto.getPreferClientCiphers());
  }

  private static Optional<TicketKeySource> ticketKeys(DownstreamTlsContext proto, FieldPath path)
      throws Invalid {
    return switch (proto.getSessionTicketKeysTypeCase()) {
      case SESSION_TICKET_KEYS ->
          Optional.of(
              SecretParser.ticketKeys(
                  proto.getSessionTicketKeys(), path.field("session_ticket_keys")));
      case SESSION_TICKET_KEYS_SDS_SECRET_CONFIG ->
          Optional.of(
              secret(
                  proto.getSessionTicketKeysSdsSecretConfig(),
                  path.field("session_ticket_keys_sds_secret_config")));
      case DISABLE_STATELESS_SESSION_RESUMPTION, SESSIONTICKETKEYSTYPE_NOT_SET -> Optional.empty();
    };
  }

  static UpstreamTls upstream(UpstreamTlsContext proto, FieldPath path) throws Invalid {
    refuseAllBut(
        proto,
        path,
        Set.of("common_tls_context", "sni", "auto_sni_san_validation", "max_session_keys"));
    if (proto.getSni().indexOf('\0') >= 0
        || proto.getSni().getBytes(StandardCharsets.UTF_8).length > 255) {
      throw new Invalid(path.field("sni"), "must have 255 bytes at most, and no NUL");
    }
    CommonTls common = common(proto.getCommonTlsContext(), path.field("common_tls_context"));
    if (proto.getAutoSniSanValidation() && common.trust().isEmpty()) {
      throw new Invalid(
          path.field("auto_sni_san_validation"),
          "needs a validation_context with a trusted_ca: without, anybody can have that name");
    }
    return new UpstreamTls(
        common,
        proto.getSni(),
        proto.getAutoSniSanValidation(),
        proto.hasMaxSessionKeys() ? proto.getMaxSessionKeys().getValue() : 1);
  }

  private static CommonTls common(CommonTlsContext proto, FieldPath path) throws Invalid {
    refuseAllBut(
        proto,
        path,
        Set.of(
            "tls_params",
            "tls_certificates",
            "tls_certificate_sds_secret_configs",
            "validation_context",
            "validation_context_sds_secret_config",
            "combined_validation_context",
            "alpn_protocols"));
    for (int i = 0; i < proto.getAlpnProtocolsCount(); i++) {
      int length = proto.getAlpnProtocols(i).length();
      if (length == 0 || length > 255) {
        throw new Invalid(path.field("alpn_protocols").index(i), "must have 1 to 255 bytes");
      }
    }
    return new CommonTls(
        certificates(proto, path),
        trust(proto, path),
        proto.getAlpnProtocolsList(),
        parameters(proto.getTlsParams(), path.field("tls_params")));
  }

  private static List<CertificateSource> certificates(CommonTlsContext proto, FieldPath path)
      throws Invalid {
    List<CertificateSource> all = new ArrayList<>();
    FieldPath given = path.field("tls_certificates");
    for (int i = 0; i < proto.getTlsCertificatesCount(); i++) {
      all.add(SecretParser.certificate(proto.getTlsCertificates(i), given.index(i)));
    }
    FieldPath named = path.field("tls_certificate_sds_secret_configs");
    if (proto.getTlsCertificatesCount() > 0 && proto.getTlsCertificateSdsSecretConfigsCount() > 0) {
      throw new Invalid(named, "cannot be set beside tls_certificates, which Envoy would prefer");
    }
    for (int i = 0; i < proto.getTlsCertificateSdsSecretConfigsCount(); i++) {
      all.add(secret(proto.getTlsCertificateSdsSecretConfigs(i), named.index(i)));
    }
    return all;
  }

  private static Optional<PeerTrust> trust(CommonTlsContext proto, FieldPath path) throws Invalid {
    return switch (proto.getValidationContextTypeCase()) {
      case VALIDATION_CONTEXT -> {
        FieldPath at = path.field("validation_context");
        ValidationContext given = SecretParser.validation(proto.getValidationContext(), at);
        if (given.takesAnyone() && !given.subjectAltNames().isEmpty()) {
          throw new Invalid(
              at.field("trusted_ca"), "must be set: without, anybody can have those names");
        }
        yield given.takesAnyone() ? Optional.empty() : Optional.of(given);
      }
      case VALIDATION_CONTEXT_SDS_SECRET_CONFIG ->
          Optional.of(
              secret(
                  proto.getValidationContextSdsSecretConfig(),
                  path.field("validation_context_sds_secret_config")));
      case COMBINED_VALIDATION_CONTEXT -> {
        var combined = proto.getCombinedValidationContext();
        FieldPath at = path.field("combined_validation_context");
        refuseAllBut(
            combined,
            at,
            Set.of("default_validation_context", "validation_context_sds_secret_config"));
        yield Optional.of(
            new PeerTrust.Combined(
                SecretParser.validation(
                    combined.getDefaultValidationContext(), at.field("default_validation_context")),
                secret(
                    combined.getValidationContextSdsSecretConfig(),
                    at.field("validation_context_sds_secret_config"))));
      }
      case VALIDATION_CONTEXT_CERTIFICATE_PROVIDER,
          VALIDATION_CONTEXT_CERTIFICATE_PROVIDER_INSTANCE,
          VALIDATIONCONTEXTTYPE_NOT_SET ->
          Optional.empty(); // the first two have been refused
    };
  }

  private static SecretRef secret(SdsSecretConfig proto, FieldPath path) throws Invalid {
    if (proto.getName().isEmpty()) {
      throw new Invalid(path.field("name"), "must be set");
    }
    return new SecretRef(
        proto.getName(),
        proto.hasSdsConfig()
            ? Optional.of(ConfigSources.fetch(proto.getSdsConfig(), path.field("sds_config")))
            : Optional.empty());
  }

  private static TlsParameters parameters(
      io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters proto, FieldPath path)
      throws Invalid {
    refuseAllBut(
        proto,
        path,
        Set.of(
            "tls_minimum_protocol_version",
            "tls_maximum_protocol_version",
            "cipher_suites",
            "ecdh_curves"));
    Version minimum =
        version(
            proto.getTlsMinimumProtocolVersion(),
            Version.TLS_1_2,
            path.field("tls_minimum_protocol_version"));
    Version maximum =
        version(
            proto.getTlsMaximumProtocolVersion(),
            Version.TLS_1_3,
            path.field("tls_maximum_protocol_version"));
    if (minimum.compareTo(maximum) > 0) {
      throw new Invalid(path, "the minimum is above the maximum");
    }
    return new TlsParameters(
        minimum, maximum, proto.getCipherSuitesList(), proto.getEcdhCurvesList());
  }

  private static Version version(
      io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol proto,
      Version otherwise,
      FieldPath path)
      throws Invalid {
    return switch (proto) {
      case TLS_AUTO -> otherwise;
      case TLSv1_2 -> Version.TLS_1_2;
      case TLSv1_3 -> Version.TLS_1_3;
      case TLSv1_0, TLSv1_1 ->
          throw new Invalid(path, proto + " is not supported; TLSv1_2 is the oldest that is");
      case UNRECOGNIZED -> throw new Invalid(path, "has no such value");
    };
  }

  static void refuseAllBut(Message proto, FieldPath path, Set<String> honoured) throws Invalid {
    for (FieldDescriptor field : WireMessage.of(proto).set()) {
      if (!honoured.contains(field.getName())) {
        throw new Invalid(path.field(field.getName()), "is not supported");
      }
    }
  }
}
