package dev.weir.control.injector;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets the kubelet ask the sidecar in the app's place: the kubelet has no certificate and no token,
 * and is no caller whom limits are for. An app's probe by TCP stays: it asks whether a connection
 * is taken, and the sidecar takes it.
 */
final class ProbeRewrite {
  /** Where the sidecar's metrics are. */
  static final int METRICS = 15020;

  private static final int STATUS = 15021;
  private static final int FIRST_GRPC = 15100;
  private static final int LAST_GRPC = 15163;
  private static final int LAST_PORT = 65535;

  /** What reaches the sidecar itself, and is not taken over. */
  static final String OWN_PORTS = METRICS + "," + STATUS + "," + FIRST_GRPC + "-" + LAST_GRPC;

  /** Of the sidecar. */
  static final String OPTION = "--probe=";

  /** What the kubelet's paths begin with. */
  static final String PATH = "/probe/";

  private static final List<String> KINDS =
      List.of("livenessProbe", "readinessProbe", "startupProbe");

  /** For the sidecar's command line. */
  private final List<String> probes = new ArrayList<>();

  private final Map<Integer, Integer> grpc = new LinkedHashMap<>();
  private final String secret;

  /**
   * @param secret the paths begin with it
   */
  ProbeRewrite(String secret) {
    this.secret = secret;
  }

  List<String> probes() {
    return probes;
  }

  /** Changes the probes of a container of the app. */
  void container(Map<String, Object> container) {
    probes(container).forEach((kind, probe) -> probe(container, kind, probe));
  }

  /** Those of a container, and its hooks, by what they are, in order. */
  static Map<String, Map<String, Object>> probes(Map<String, Object> container) {
    Map<String, Map<String, Object>> probes = new LinkedHashMap<>();
    for (String kind : KINDS) {
      if (container.get(kind) instanceof Map<?, ?>) {
        probes.put(kind, Tree.map(container, kind));
      }
    }
    Map<String, Object> lifecycle = Tree.mapOrEmpty(container, "lifecycle");
    for (String hook : List.of("postStart", "preStop")) {
      if (lifecycle.get(hook) instanceof Map<?, ?>) {
        probes.put(hook, Tree.map(lifecycle, hook));
      }
    }
    return probes;
  }

  /** Whether a port is one of these. */
  static boolean isOwn(int port) {
    return port == METRICS || port == STATUS || port >= FIRST_GRPC && port <= LAST_GRPC;
  }

  /** Whether a probe asks the sidecar. */
  static boolean isStatus(@Nullable Object port) {
    return port instanceof Number number && number.intValue() == STATUS;
  }

  private void probe(Map<String, Object> container, String kind, Map<String, Object> probe) {
    Map<String, Object> http = Tree.mapOrEmpty(probe, "httpGet");
    if (!http.isEmpty() && Tree.text(http, "host").isEmpty()) {
      http(container, kind, http);
    }
    Map<String, Object> health = Tree.mapOrEmpty(probe, "grpc");
    if (!health.isEmpty()) {
      int app = port(container, health.get("port"));
      if (app > 0) {
        health.put("port", at(app));
      }
    }
  }

  private void http(Map<String, Object> container, String kind, Map<String, Object> http) {
    int app = port(container, http.get("port"));
    if (app == 0 || !takes(http)) {
      return; // the API server refuses it; a name that no port has it takes, and the kubelet fails
    }
    boolean tls = Tree.text(http, "scheme").equals("HTTPS");
    String path = Tree.text(http, "path");
    String whole = path.isEmpty() ? "/" : path.startsWith("/") ? path : "/" + path;
    int query = whole.indexOf('?');
    String name = secret + "/" + Tree.text(container, "name") + "/" + kind;
    probes.add(
        OPTION
            + "%s:%d:%s=%s"
                .formatted(
                    tls ? "https" : "http",
                    app,
                    query < 0 ? whole : whole.substring(0, query),
                    name));
    http.put("path", PATH + name + (query < 0 ? "" : whole.substring(query)));
    http.put("port", STATUS);
    if (tls) {
      http.put("scheme", "HTTP");
    }
  }

  /** Whether the API server takes of it what is rewritten. */
  private static boolean takes(Map<String, Object> http) {
    Object scheme = http.get("scheme");
    Object path = http.get("path");
    return (scheme == null || "HTTP".equals(scheme) || "HTTPS".equals(scheme))
        && (path == null || path instanceof String);
  }

  /** One of the sidecar's ports for each of the app's. */
  private int at(int app) {
    Integer known = grpc.get(app);
    if (known == null) {
      known = FIRST_GRPC + grpc.size();
      if (known > LAST_GRPC) {
        throw new IllegalArgumentException("more than 64 ports are probed by gRPC");
      }
      grpc.put(app, known);
      probes.add(OPTION + "grpc:%d=%d".formatted(app, known));
    }
    return known;
  }

  /** By number, or by the name that the container has for it; 0 for none that is a port. */
  private static int port(Map<String, Object> container, @Nullable Object port) {
    if (port instanceof String name) {
      return Tree.listOrEmpty(container, "ports").stream()
          .filter(each -> name.equals(each.get("name")))
          .map(each -> number(each.get("containerPort")))
          .findFirst()
          .orElse(0);
    }
    return number(port);
  }

  private static int number(@Nullable Object port) {
    return port instanceof Integer number && number > 0 && number <= LAST_PORT ? number : 0;
  }
}
