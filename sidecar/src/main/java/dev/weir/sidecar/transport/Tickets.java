package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.tls.SessionTicketKeys;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The keys that a server's tickets have, and whose sessions they are. Envoy's 80 bytes are a name
 * of 16, a key of HMAC of 32 and one of AES of 32; BoringSSL as Netty binds it has 16 of each, so
 * that the first 16 of each part count. Immutable.
 */
final class Tickets {
  private static final int BYTES = 80;
  private static final int HMAC = 16;
  private static final int AES = 48;

  private final List<OpenSslSessionTicketKey> keys;
  private final byte[] scope;

  /**
   * @param scope of {@link SessionScope}
   */
  private Tickets(List<OpenSslSessionTicketKey> keys, byte[] scope) {
    this.keys = List.copyOf(keys);
    this.scope = scope;
  }

  static Tickets of(SessionTicketKeys config, byte[] scope) {
    List<OpenSslSessionTicketKey> keys = new ArrayList<>();
    for (byte[] key : read(config)) {
      keys.add(
          new OpenSslSessionTicketKey(
              Arrays.copyOf(key, OpenSslSessionTicketKey.NAME_SIZE),
              Arrays.copyOfRange(key, HMAC, HMAC + OpenSslSessionTicketKey.HMAC_KEY_SIZE),
              Arrays.copyOfRange(key, AES, AES + OpenSslSessionTicketKey.AES_KEY_SIZE)));
    }
    return new Tickets(keys, scope);
  }

  /** Each as it is written; {@link Unfit} where one is of another length. */
  static List<byte[]> read(SessionTicketKeys config) {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < config.keys().size(); i++) {
      String field = "keys[" + i + "]";
      byte[] key = Credentials.inline(field, config.keys().get(i)).bytes();
      if (key.length != BYTES) {
        throw new Unfit(field, "must have " + BYTES + " bytes, and has " + key.length);
      }
      keys.add(key);
    }
    return keys;
  }

  /** Before anything is made of {@code context}. */
  void putInto(ReferenceCountedOpenSslContext context) {
    OpenSslServerSessionContext sessions = (OpenSslServerSessionContext) context.sessionContext();
    sessions.setTicketKeys(keys.toArray(OpenSslSessionTicketKey[]::new));
    if (!sessions.setSessionIdContext(scope)) {
      throw new IllegalStateException("a digest is as long as a session's context may be");
    }
  }
}
