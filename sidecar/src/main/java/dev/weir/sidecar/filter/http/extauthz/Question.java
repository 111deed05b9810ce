package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.filter.http.extauthz.ExtAuthzConfig.Field;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a server of gRPC is asked: {@code envoy.service.auth.v3.AttributeContext} as values. Texts
 * of the request are ISO-8859-1, a character a byte.
 *
 * @param id of the request; empty for none
 * @param fields names in lower case, pseudo-headers among them
 * @param raw whether a name may come several times
 * @param size of the body; -1: not known
 * @param context of the route
 * @param metadata by the filter that found it out
 * @param serverName that the client called; null: is not told
 */
public record Question(
    Peer source,
    Peer destination,
    String id,
    long startMillis,
    String method,
    String path,
    String host,
    String scheme,
    String protocol,
    long size,
    List<Field> fields,
    boolean raw,
    @Nullable Body body,
    Map<String, String> context,
    Map<String, Map<String, Object>> metadata,
    @Nullable String serverName) {
  /**
   * One end of the request's connection.
   *
   * @param principal by its certificate; empty for none
   * @param certificate as PEM, encoded for URLs; empty: is not told
   */
  public record Peer(SocketAddress address, String principal, String certificate) {}

  /**
   * @param asBytes else as text
   */
  @SuppressWarnings("ArrayRecordComponent") // made once, read once, never compared
  public record Body(byte[] content, boolean asBytes) {}
}
