package dev.weir.control.server;

import dev.weir.control.compile.Diagnostic;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.server.subscription.Nack;
import dev.weir.control.server.subscription.Subscription;
import dev.weir.control.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What there is to know of each connected proxy, by name, for JSON: looked at on the control
 * thread, which has no time for more, and told on any.
 */
public final class ProxyReport {
  static final String IN_FORCE = "in force";

  private ProxyReport() {}

  /** A proxy as it was at a time. Immutable. */
  public record Seen(
      Proxy proxy, Set<String> healthy, Optional<Snapshot> snapshot, List<SeenType> types) {
    boolean isInSync() {
      return !types.isEmpty() && types.stream().allMatch(type -> type.state().equals(IN_FORCE));
    }

    boolean refuses() {
      return types.stream().anyMatch(type -> type.nack().isPresent());
    }
  }

  /** One of the types that a proxy wants. */
  record SeenType(
      ResourceType type,
      String target,
      String sent,
      String acked,
      boolean awaiting,
      Optional<Nack> nack,
      Set<String> origins) {
    /** What the versions come to. A refusal stays until the proxy accepts something newer. */
    String state() {
      if (nack.isPresent()) {
        return "refused";
      }
      if (acked.equals(target)) {
        return IN_FORCE;
      }
      return awaiting ? "sent, not answered yet" : "waits to be sent";
    }
  }

  /** All proxies there are. Control thread. */
  public static List<Seen> look(OpenStreams streams) {
    List<Seen> all = new ArrayList<>();
    for (AdsStream<?, ?> stream : streams.all()) {
      stream.proxy().ifPresent(proxy -> all.add(look(stream, proxy)));
    }
    return all;
  }

  static Seen look(AdsStream<?, ?> stream, Proxy proxy) {
    List<SeenType> types = new ArrayList<>();
    stream
        .settledSubscriptions()
        .forEach((type, subscription) ->
            types.add(
                new SeenType(
                    type,
                    stream.snapshot().map(snapshot -> snapshot.of(type).version()).orElse(""),
                    subscription.versionSent(),
                    subscription.versionAcked(),
                    subscription.awaiting(),
                    subscription.nack(),
                    origins(stream, type, subscription))));
    return new Seen(proxy, stream.healthy(), stream.snapshot(), types);
  }

  /** What people wrote and what is refused follows from. */
  private static Set<String> origins(
      AdsStream<?, ?> stream, ResourceType type, Subscription subscription) {
    return stream
        .snapshot()
        .flatMap(snapshot ->
            subscription.nack().<Set<String>>map(nack -> snapshot.origins(type, nack.accused())))
        .orElse(Set.of());
  }

  /**
   * Any thread.
   *
   * @param describe says where a resource stands that people wrote, by its kind and name
   */
  public static List<Map<String, Object>> of(List<Seen> proxies, UnaryOperator<String> describe) {
    return proxies.stream().map(seen -> of(seen, describe)).toList();
  }

  /** How many there are of each state. Any thread. */
  public static Map<String, Integer> states(List<Seen> proxies) {
    int synced = (int) proxies.stream().filter(Seen::isInSync).count();
    int refusing = (int) proxies.stream().filter(Seen::refuses).count();
    return Map.of(
        "in sync", synced, "refused", refusing, "out of sync", proxies.size() - synced - refusing);
  }

  static Map<String, Object> of(Seen seen, UnaryOperator<String> describe) {
    Map<String, Object> fields = new LinkedHashMap<>();
    Proxy proxy = seen.proxy;
    fields.put("node", proxy.id());
    fields.put("service", proxy.service().toString());
    fields.put("address", proxy.address().orElse(""));
    fields.put("readyPorts", seen.healthy.stream().sorted().toList());
    fields.put("extensions", proxy.kind().extensions().stream().sorted().toList());
    fields.put("inSync", seen.isInSync());
    Map<String, Object> types = new LinkedHashMap<>();
    seen.types.forEach(
        type -> types.put(type.type.name().toLowerCase(Locale.ROOT), fields(type, describe)));
    fields.put("types", types);
    fields.put(
        "notEnforced",
        seen.snapshot
            .map(snapshot -> snapshot.diagnostics().stream().map(Diagnostic::toString).toList())
            .orElse(List.of()));
    return fields;
  }

  private static Map<String, Object> fields(SeenType type, UnaryOperator<String> describe) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("state", type.state());
    fields.put("target", type.target);
    fields.put("sent", type.sent);
    fields.put("acked", type.acked);
    type.nack.ifPresent(nack -> {
      Map<String, Object> refused = new LinkedHashMap<>();
      refused.put("version", nack.version());
      refused.put("resources", List.copyOf(nack.names()));
      refused.put("reason", nack.reason());
      refused.put("at", nack.at().toString());
      refused.put("followsFrom", type.origins.stream().map(describe).sorted().toList());
      fields.put("nacked", refused);
    });
    return fields;
  }
}
