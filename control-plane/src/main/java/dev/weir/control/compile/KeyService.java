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
    URI parsed = URI.create(uri);
    Matcher host = HOST.matcher(parsed.getHost().toLowerCase(Locale.ROOT));
    if (!parsed.getScheme().equals("http") || !host.matches()) {
      return Optional.empty();
    }
    String where = host.group(2) == null ? namespace : host.group(2);
    Service service = services.get(new ObjectName(where, host.group(1)));
    int port = parsed.getPort() > 0 ? parsed.getPort() : HTTP;
    return service == null || service.ports().stream().noneMatch(each -> each.port() == port)
        ? Optional.empty()
        : Optional.of(new ServicePort(service.name(), port));
  }
}
