package dev.weir.control.injector;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lets Prometheus read a pod's metrics of its sidecar, which has the app's behind its own: where
 * the app takes mutual TLS alone, Prometheus has no way to it. What the annotations {@code
 * prometheus.io/*} say of the app is said to the sidecar, and they say where the sidecar is.
 */
final class PodMetrics {
  private static final String SCRAPE = "prometheus.io/scrape";
  private static final String PORT = "prometheus.io/port";
  private static final String PATH = "prometheus.io/path";
  private static final String SCHEME = "prometheus.io/scheme";

  private static final String OPTION = "--app-metrics=";
  private static final String OWN_PATH = "/stats/prometheus";
  private static final String USUAL_PATH = "/metrics";
  private static final int LAST_PORT = 65535;

  private PodMetrics() {}

  /**
   * Changes the annotations of a pod. Where they say that it is not to be read, or by HTTPS, or of
   * a port that is none, they stay.
   *
   * @return for the sidecar's command line: where the app's own metrics are
   */
  static List<String> rewrite(Map<String, Object> metadata, Map<String, Object> spec) {
    Map<String, Object> annotations = Tree.map(metadata, "annotations");
    String scrape = Tree.text(annotations, SCRAPE);
    String scheme = Tree.text(annotations, SCHEME);
    if (!scrape.isEmpty() && !scrape.equals("true")
        || !scheme.isEmpty() && !scheme.equals("http")) {
      return List.of();
    }
    List<String> options = List.of();
    if (!scrape.isEmpty()) {
      Optional<Integer> port = port(annotations, spec);
      if (port.isEmpty() || ProbeRewrite.isOwn(port.get())) {
        return List.of();
      }
      options = List.of(OPTION + port.get() + path(annotations));
    }
    annotations.put(SCRAPE, "true");
    annotations.put(PORT, Integer.toString(ProbeRewrite.METRICS));
    annotations.put(PATH, OWN_PATH);
    return options;
  }

  /** The one that is named, or else the first that the app says it has. */
  private static Optional<Integer> port(Map<String, Object> annotations, Map<String, Object> spec) {
    String named = Tree.text(annotations, PORT);
    if (!named.isEmpty()) {
      return named.matches("[1-9][0-9]{0,4}") && Integer.parseInt(named) <= LAST_PORT
          ? Optional.of(Integer.parseInt(named))
          : Optional.empty();
    }
    return Tree.listOrEmpty(spec, "containers").stream()
        .flatMap(container -> Tree.listOrEmpty(container, "ports").stream())
        .map(port -> port.get("containerPort"))
        .filter(Integer.class::isInstance)
        .map(Integer.class::cast)
        .findFirst();
  }

  private static String path(Map<String, Object> annotations) {
    String path = Tree.text(annotations, PATH);
    return path.isEmpty() ? USUAL_PATH : path.startsWith("/") ? path : "/" + path;
  }
}
