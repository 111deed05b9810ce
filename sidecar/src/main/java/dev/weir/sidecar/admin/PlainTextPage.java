package dev.weir.sidecar.admin;

import dev.weir.sidecar.listener.PlainCaller;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code /plaintext}: who would be refused if the app's ports took mutual TLS alone, as far as it
 * came since the start.
 */
final class PlainTextPage {
  private PlainTextPage() {}

  static String json(List<PlainCaller> callers, Instant now) {
    return callers.stream()
        .map(caller -> of(caller, now))
        .collect(Collectors.joining(",", "{\"callers\":[", "]}\n"));
  }

  /** One without an address stands for all the others. */
  private static String of(PlainCaller caller, Instant now) {
    return "{\"port\":"
        + caller.port()
        + caller.address().map(address -> ",\"address\":\"" + address + "\"").orElse("")
        + ",\"connections\":"
        + caller.connections()
        + ",\"last\":\""
        + now.minus(caller.ago())
        + "\"}";
  }
}
