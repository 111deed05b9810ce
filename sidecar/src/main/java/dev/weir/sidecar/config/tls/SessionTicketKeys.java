package dev.weir.sidecar.config.tls;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code TlsSessionTicketKeys}.
 *
 * @param keys of 80 bytes each: the first encrypts tickets, and all decrypt them
 */
public record SessionTicketKeys(List<DataSource> keys) implements TicketKeySource, Secret.Content {
  public SessionTicketKeys {
    keys = List.copyOf(keys);
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("no key");
    }
  }

  @Override
  public SessionTicketKeys with(DataSource.Change change) {
    List<DataSource> changed = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      changed.add(change.of("keys[" + i + "]", keys.get(i)));
    }
    return new SessionTicketKeys(changed);
  }
}
