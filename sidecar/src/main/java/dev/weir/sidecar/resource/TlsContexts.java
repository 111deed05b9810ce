package dev.weir.sidecar.resource;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.tls.CommonTls;
import dev.weir.sidecar.config.tls.CommonTls.Version;
import dev.weir.sidecar.config.tls.DataSource;
import dev.weir.sidecar.config.tls.DownstreamTls;
import dev.weir.sidecar.config.tls.SanMatch;
import dev.weir.sidecar.config.tls.TlsCertificate;
import dev.weir.sidecar.config.tls.UpstreamTls;
import dev.weir.sidecar.config.tls.ValidationContext;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.StringMatches;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code extensions.transport_sockets.tls.v3}, as far as it is honoured; the rest is refused. */
final class TlsContexts {
  private TlsContexts() {}

  static DownstreamTls downstream(DownstreamTlsContext proto, FieldPath path) throws Invalid {
    refuseAllBut(proto, path, Set.of("common_tls_context", "require_client_certificate"));
    FieldPath commonPath = path.field("common_tls_context");
    CommonTls common = common(proto.getCommonTlsContext(), commonPath);
    if (common.certificate().isEmpty()) {
      throw new Invalid(commonPath.field("tls_certificates"), "must have an entry");
    }
    boolean require = proto.getRequireClientCertificate().getValue();
    if (require && common.validation().isEmpty()) {
      throw new Invalid(
          path.field("require_client_certificate"),
          "needs a validation_context with a trusted_ca: without, any certificate would do");
    }
    return new DownstreamTls(common, require);
  }

  static UpstreamTls upstream(UpstreamTlsContext proto, FieldPath path) throws Invalid {
    // No session is resumed, so that it is kept by nobody.
    refuseAllBut(proto, path, Set.of("common_tls_context", "sni", "max_session_keys"));
    return new UpstreamTls(
        common(proto.getCommonTlsContext(), path.field("common_tls_context")), proto.getSni());
  }

  private static CommonTls common(CommonTlsContext proto, FieldPath path) throws Invalid {
    refuseAllBut(
        proto,
        path,
        Set.of("tls_params", "tls_certificates", "validation_context", "alpn_protocols"));
    if (proto.getTlsCertificatesCount() > 1) {
      throw new Invalid(
          path.field("tls_certificates").index(1), "is one too many: only one is supported");
    }
    FieldPath params = path.field("tls_params");
    refuseAllBut(
        proto.getTlsParams(),
        params,
        Set.of("tls_minimum_protocol_version", "tls_maximum_protocol_version"));
    Version minimum =
        version(
            proto.getTlsParams().getTlsMinimumProtocolVersion(),
            Version.TLS_1_2,
            params.field("tls_minimum_protocol_version"));
    Version maximum =
        version(
            proto.getTlsParams().getTlsMaximumProtocolVersion(),
            Version.TLS_1_3,
            params.field("tls_maximum_protocol_version"));
    if (minimum.compareTo(maximum) > 0) {
      throw new Invalid(params, "the minimum is above the maximum");
    }
    for (int i = 0; i < proto.getAlpnProtocolsCount(); i++) {
      int length = proto.getAlpnProtocols(i).length();
      if (length == 0 || length > 255) {
        throw new Invalid(path.field("alpn_protocols").index(i), "must have 1 to 255 bytes");
      }
    }
    return new CommonTls(
        proto.getTlsCertificatesCount() == 0
            ? Optional.empty()
            : Optional.of(
                certificate(proto.getTlsCertificates(0), path.field("tls_certificates").index(0))),
        validation(proto.getValidationContext(), path.field("validation_context")),
        proto.getAlpnProtocolsList(),
        minimum,
        maximum);
  }

  private static Version version(TlsParameters.TlsProtocol proto, Version otherwise, FieldPath path)
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

  private static TlsCertificate certificate(
      io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate proto, FieldPath path)
      throws Invalid {
    refuseAllBut(proto, path, Set.of("certificate_chain", "private_key"));
    return new TlsCertificate(
        source(proto.getCertificateChain(), path.field("certificate_chain")),
        source(proto.getPrivateKey(), path.field("private_key")));
  }

  private static Optional<ValidationContext> validation(
      CertificateValidationContext proto, FieldPath path) throws Invalid {
    refuseAllBut(proto, path, Set.of("trusted_ca", "match_typed_subject_alt_names"));
    List<SanMatch> names = new ArrayList<>();
    for (int i = 0; i < proto.getMatchTypedSubjectAltNamesCount(); i++) {
      names.add(
          name(
              proto.getMatchTypedSubjectAltNames(i),
              path.field("match_typed_subject_alt_names").index(i)));
    }
    if (!proto.hasTrustedCa()) {
      if (!names.isEmpty()) {
        throw new Invalid(
            path.field("trusted_ca"), "must be set: without, anybody can have those names");
      }
      return Optional.empty();
    }
    return Optional.of(
        new ValidationContext(source(proto.getTrustedCa(), path.field("trusted_ca")), names));
  }

  private static SanMatch name(SubjectAltNameMatcher proto, FieldPath path) throws Invalid {
    refuseAllBut(proto, path, Set.of("san_type", "matcher"));
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

  private static DataSource source(
      io.envoyproxy.envoy.config.core.v3.DataSource proto, FieldPath path) throws Invalid {
    refuseAllBut(proto, path, Set.of("filename", "inline_bytes", "inline_string"));
    return switch (proto.getSpecifierCase()) {
      case FILENAME -> new DataSource.File(proto.getFilename());
      case INLINE_BYTES -> new DataSource.Inline(proto.getInlineBytes().toByteArray());
      case INLINE_STRING -> new DataSource.Inline(proto.getInlineStringBytes().toByteArray());
      case ENVIRONMENT_VARIABLE, SPECIFIER_NOT_SET ->
          throw new Invalid(path, "must set one of filename, inline_bytes, inline_string");
    };
  }

  private static void refuseAllBut(Message proto, FieldPath path, Set<String> honoured)
      throws Invalid {
    for (FieldDescriptor field : proto.getAllFields().keySet()) {
      if (!honoured.contains(field.getName())) {
        throw new Invalid(path.field(field.getName()), "is not supported");
      }
    }
  }
}
