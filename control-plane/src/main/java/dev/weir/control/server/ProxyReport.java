package dev.weir.control.server;

import dev.weir.control.compile.Diagnostic;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.xds.ResourceType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What there is to know of each connected proxy, by name, for JSON. Control thread. */
public final class ProxyReport {
  private ProxyReport() {}

  public static List<Map<String, Object>> of(OpenStreams streams) {
    List<Map<String, Object>> proxies = new ArrayList<>();
    for (AdsStream<?, ?> stream : streams.all()) {
      stream.proxy().ifPresent(proxy -> proxies.add(of(stream, proxy)));
    }
    return proxies;
  }

  /** Of one stream. */
  static Map<String, Object> of(AdsStream<?, ?> stream, Proxy proxy) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("node", proxy.id());
    fields.put("service", proxy.service().toString());
    fields.put("address", proxy.address().orElse(""));
    fields.put("readyPorts", stream.healthy().stream().sorted().toList());
    fields.put("extensions", proxy.kind().extensions().stream().sorted().toList());
    boolean inSync = !stream.subscriptions().isEmpty();
    Map<String, Object> types = new LinkedHashMap<>();
    for (Map.Entry<ResourceType, Subscription> entry : stream.subscriptions().entrySet()) {
      ResourceType type = entry.getKey();
      Subscription subscription = entry.getValue();
      String target = stream.snapshot().map(snapshot -> snapshot.version(type)).orElse("");
      inSync &= subscription.versionAcked().equals(target);
      types.put(type.name().toLowerCase(Locale.ROOT), fields(subscription, target));
    }
    fields.put("inSync", inSync);
    fields.put("types", types);
    fields.put(
        "notEnforced",
        stream
            .snapshot()
            .map(snapshot -> snapshot.diagnostics().stream().map(Diagnostic::toString).toList())
            .orElse(List.of()));
    return fields;
  }

  /** What the versions come to. A refusal stays until the proxy accepts something newer. */
  private static String state(Subscription subscription, String target) {
    if (subscription.nack().isPresent()) {
      return "refused";
    }
    if (subscription.versionAcked().equals(target)) {
      return "in force";
    }
    return subscription.awaiting() ? "sent, not answered yet" : "waits to be sent";
  }

  private static Map<String, Object> fields(Subscription subscription, String target) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("state", state(subscription, target));
    fields.put("target", target);
    fields.put("sent", subscription.versionSent());
    fields.put("acked", subscription.versionAcked());
    subscription
        .nack()
        .ifPresent(nack -> {
          Map<String, Object> refused = new LinkedHashMap<>();
          refused.put("version", nack.version());
          refused.put("resources", List.copyOf(nack.names()));
          refused.put("reason", nack.reason());
          refused.put("at", nack.at().toString());
          fields.put("nacked", refused);
        });
    return fields;
  }
}
