package dev.weir.sidecar.admin;

import dev.weir.sidecar.identity.IdentityStatus;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * {@code /certs}: the workload's certificate in Envoy's form (envoy.admin.v3.Certificates), and how
 * it is about its renewal.
 */
final class CertsPage {
  private static final int DNS = 2;
  private static final int URI = 6;
  private static final int ASCII = 0x7f;

  private CertsPage() {}

  static String json(Optional<IdentityStatus> identity, Instant now) {
    return identity.map(status -> of(status, now)).orElse("{\"certificates\":[]}\n");
  }

  private static String of(IdentityStatus status, Instant now) {
    return "{\"certificates\":[{\"ca_cert\":"
        + all(status.roots(), now)
        + ",\"cert_chain\":"
        + all(status.chain(), now)
        + "}],\"identity\":{\"spiffe_id\":"
        + text(status.spiffeId())
        + ",\"ready\":"
        + status.lacking(now).isEmpty()
        + status.failingSince().map(since -> ",\"failing_since\":" + text(since)).orElse("")
        + (status.failure().isEmpty() ? "" : ",\"failure\":" + text(status.failure()))
        + "}}\n";
  }

  private static String all(List<X509Certificate> certificates, Instant now) {
    return certificates.stream()
        .map(certificate -> of(certificate, now))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static String of(X509Certificate certificate, Instant now) {
    Instant ends = certificate.getNotAfter().toInstant();
    return "{\"path\":\"<inline>\",\"serial_number\":"
        + text(certificate.getSerialNumber().toString(16))
        + ",\"subject_alt_names\":"
        + names(certificate)
        + ",\"days_until_expiration\":\""
        + Math.max(0, Duration.between(now, ends).toDays())
        + "\",\"valid_from\":"
        + text(certificate.getNotBefore().toInstant())
        + ",\"expiration_time\":"
        + text(ends)
        + "}";
  }

  private static String names(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? "[]"
          : names.stream()
              .filter(name -> name.get(0).equals(URI) || name.get(0).equals(DNS))
              .map(name ->
                  "{\""
                      + (name.get(0).equals(URI) ? "uri" : "dns")
                      + "\":"
                      + text(name.get(1))
                      + "}")
              .collect(Collectors.joining(",", "[", "]"));
    } catch (CertificateParsingException e) {
      return "[]"; // names that cannot be read are none
    }
  }

  private static String text(Object value) {
    StringBuilder out = new StringBuilder("\"");
    value
        .toString()
        .chars()
        .forEach(character -> {
          if (character == '"' || character == '\\') {
            out.append('\\').append((char) character);
          } else if (character < ' ' || character > ASCII) {
            out.append(String.format("\\u%04x", character));
          } else {
            out.append((char) character);
          }
        });
    return out.append('"').toString();
  }
}
