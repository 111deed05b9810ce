package dev.weir.sidecar.transport;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Names of cipher suites. Those of TLS 1.3 cannot be chosen, as in Envoy.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/extensions/transport_sockets/tls/v3/common.proto
 */
final class CipherSuites {
  private static final List<String> TLS_1_3 =
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  /** Envoy's. Netty's default has some without forward secrecy, or in CBC mode, among them. */
  static final List<String> DEFAULT =
      List.of(
          "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]",
          "[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]",
          "ECDHE-ECDSA-AES256-GCM-SHA384",
          "ECDHE-RSA-AES256-GCM-SHA384");

  /** OpenSSL's name of each that can be had, and the standard's. */
  private static final Map<String, String> STANDARD = new LinkedHashMap<>();

  static {
    for (String key : List.of("ECDSA", "RSA")) {
      String from = "ECDHE-" + key + "-";
      String to = "TLS_ECDHE_" + key + "_WITH_";
      STANDARD.put(from + "AES128-GCM-SHA256", to + "AES_128_GCM_SHA256");
      STANDARD.put(from + "AES256-GCM-SHA384", to + "AES_256_GCM_SHA384");
      STANDARD.put(from + "CHACHA20-POLY1305", to + "CHACHA20_POLY1305_SHA256");
      STANDARD.put(from + "AES128-SHA", to + "AES_128_CBC_SHA");
      STANDARD.put(from + "AES256-SHA", to + "AES_256_CBC_SHA");
    }
    STANDARD.put("AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256");
    STANDARD.put("AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384");
    STANDARD.put("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA");
    STANDARD.put("AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA");
  }

  private CipherSuites() {}

  /**
   * By their standard names, with all of TLS 1.3 before them.
   *
   * @param names OpenSSL's; {@code [a|b]} for suites that are liked equally, of which the first is
   *     liked best here
   * @throws IllegalArgumentException naming one that cannot be had
   */
  static List<String> of(List<String> names) {
    List<String> all = new ArrayList<>(TLS_1_3);
    for (String group : names) {
      boolean equal = group.startsWith("[") && group.endsWith("]");
      for (String name : (equal ? group.substring(1, group.length() - 1) : group).split("\\|")) {
        String standard = STANDARD.get(name);
        if (standard == null && !STANDARD.containsValue(name)) {
          throw new IllegalArgumentException(
              "\"" + name + "\" cannot be had; those that can are " + STANDARD.keySet());
        }
        all.add(standard == null ? name : standard);
      }
    }
    return all;
  }
}
