package dev.weir.control.compile;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The service of the mesh that has the keys of a token issuer, if they are at one's. */
public final class KeyService {
  private static final int HTTP = 80;
  private static final Pattern HOST =
      Pattern.compile("([a-z0-9-]+)(?:\\.([a-z0-9-]+)(?:\\.svc(?:\\.cluster\\.local)?)?)?");

  private KeyService() {}

  /**
   * The port that {@code uri} leads to; absent, if that is no service's, or TLS of its own.
   *
   * @param uri of a {@code JwksUri}
   * @param namespace where a short name is looked for
   * @param services those that there are
   */
  public static Optional<ServicePort> of(
      String uri, String namespace, Map<ObjectName, Service> services) {
    return named(uri, namespace)
        .filter(port -> {
          Service service = services.get(port.service());
          return service != null && service.port(port.port()).isPresent();
        });
  }

  /** The same, whether it is there or not. */
  public static Optional<ServicePort> named(String uri, String namespace) {
    URI parsed = URI.create(uri);
    Matcher host = HOST.matcher(parsed.getHost().toLowerCase(Locale.ROOT));
    if (!parsed.getScheme().equals("http") || !host.matches()) {
      return Optional.empty();
    }
    String where = host.group(2) == null ? namespace : host.group(2);
    return Optional.of(
        new ServicePort(
            new ObjectName(where, host.group(1)), parsed.getPort() > 0 ? parsed.getPort() : HTTP));
  }

  /** Whether it can be no other host's name than that of a service. */
  public static boolean isClusterName(String uri) {
    return URI.create(uri)
        .getHost()
        .toLowerCase(Locale.ROOT)
        .matches(".*[.]svc([.]cluster[.]local)?");
  }
}
