package dev.weir.control.server.tls;

import dev.weir.control.model.SpiffeId;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Who a certificate says its holder is: X.509-SVID, section 4.1. */
public final class Svid {
  /** RFC 5280, section 4.2.1.6: the number of this kind of name. */
  private static final int URI = 6;

  private Svid() {}

  /** Empty if it is no SVID, which has one URI. */
  public static Optional<SpiffeId> identity(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      List<?> uris =
          names == null
              ? List.of()
              : names.stream()
                  .filter(name -> name.get(0).equals(URI))
                  .map(name -> name.get(1))
                  .toList();
      return uris.size() == 1 && uris.getFirst() instanceof String text
          ? SpiffeId.parse(text)
          : Optional.empty();
    } catch (CertificateParsingException e) {
      return Optional.empty();
    }
  }
}
