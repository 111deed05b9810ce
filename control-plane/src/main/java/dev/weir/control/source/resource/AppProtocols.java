package dev.weir.control.source.resource;

import dev.weir.control.model.Port.Protocol;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What {@code appProtocol}, or the first word of a port's name, says is spoken. */
public final class AppProtocols {
  private static final Map<String, Protocol> KNOWN =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("grpc", Protocol.HTTP2),
              Map.entry("h2c", Protocol.HTTP2),
              Map.entry("http", Protocol.HTTP),
              Map.entry("http2", Protocol.HTTP2),
              Map.entry("https", Protocol.TCP),
              Map.entry("kubernetes.io/h2c", Protocol.HTTP2),
              Map.entry("kubernetes.io/ws", Protocol.HTTP),
              Map.entry("kubernetes.io/wss", Protocol.TCP),
              Map.entry("mongo", Protocol.TCP),
              Map.entry("mysql", Protocol.TCP),
              Map.entry("postgres", Protocol.TCP),
              Map.entry("redis", Protocol.TCP),
              Map.entry("tcp", Protocol.TCP),
              Map.entry("tls", Protocol.TCP)));

  private AppProtocols() {}

  /**
   * What is spoken on a port; what is not known is passed as it is.
   *
   * @param name of the port, empty for none
   */
  public static Protocol of(Optional<String> appProtocol, String name) {
    return appProtocol.map(word -> of(word).orElse(Protocol.TCP)).orElseGet(() -> ofPortName(name));
  }

  static Optional<Protocol> of(String appProtocol) {
    return Optional.ofNullable(KNOWN.get(appProtocol.toLowerCase(Locale.ROOT)));
  }

  /** {@code tcp}, {@code tcp-admin}; of a name that says nothing each connection is looked at. */
  private static Protocol ofPortName(String name) {
    int dash = name.indexOf('-');
    return of(dash < 0 ? name : name.substring(0, dash)).orElse(Protocol.AUTO);
  }

  static String unknown(String appProtocol) {
    return "\"%s\" is not known and passes as TCP; known: %s"
        .formatted(appProtocol, String.join(", ", KNOWN.keySet()));
  }
}
