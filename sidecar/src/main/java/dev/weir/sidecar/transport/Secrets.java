package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.tls.AwaitedSecret;
import dev.weir.sidecar.config.tls.Secret;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * The secrets in force, and the transport sockets that are made of them: a new secret reaches their
 * next handshakes, and connections that are there go on. Control thread.
 */
public final class Secrets {
  private final Map<String, Secret.Content> contents = new HashMap<>();

  /** Weak: one that no configuration holds any more needs no secret. */
  private final Set<TlsSocket> users = Collections.newSetFromMap(new WeakHashMap<>());

  /** Takes over what is in force now; what is awaited yet changes nothing. */
  public void put(Secret secret) {
    if (secret.content() instanceof AwaitedSecret) {
      return;
    }
    contents.put(secret.name(), secret.content());
    List<TlsSocket> concerned = new ArrayList<>();
    for (TlsSocket each : users) {
      if (each.names(secret.name())) {
        concerned.add(each);
      }
    }
    concerned.forEach(TlsSocket::renew);
  }

  /**
   * It must not be used any more, nor what was made of it: whoever names it makes no connection
   * until there is another.
   */
  public void withdraw(String name, String reason) {
    contents.remove(name);
    for (TlsSocket each : List.copyOf(users)) {
      if (each.names(name)) {
        each.withdraw(reason);
      }
    }
  }

  /** Forgets all but {@code names}. What was made of them goes on. */
  public void retain(Set<String> names) {
    contents.keySet().retainAll(names);
  }

  Optional<Secret.Content> get(String name) {
    return Optional.ofNullable(contents.get(name));
  }

  void use(TlsSocket socket) {
    users.add(socket);
  }
}
