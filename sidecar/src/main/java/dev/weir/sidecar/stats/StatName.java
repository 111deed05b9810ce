package dev.weir.sidecar.stats;

import java.util.List;

/**
 * The name of a statistic, as Envoy spells it.
 *
 * @param prefix {@code cluster}, {@code http}, {@code listener}
 * @param tag what Envoy takes out of the name as the tag {@code tagKey}: the cluster's name, the
 *     stat prefix; empty for none
 * @param name the last part, {@code upstream_rq_total}
 * @param labels further labels, for Prometheus and as {@code name.value} in the text form
 */
public record StatName(String prefix, String tagKey, String tag, String name, List<Label> labels) {
  public StatName {
    labels = List.copyOf(labels);
  }

  public record Label(String key, String value) {}

  public static StatName of(String prefix, String tagKey, String tag, String name) {
    return new StatName(prefix, tagKey, tag, name, List.of());
  }

  public StatName with(String key, String value) {
    return new StatName(prefix, tagKey, tag, name, List.of(new Label(key, value)));
  }

  /** {@code cluster.app.upstream_rq_total}. */
  public String text() {
    StringBuilder text = new StringBuilder(prefix);
    if (!tag.isEmpty()) {
      text.append('.').append(tag);
    }
    text.append('.').append(name);
    for (Label label : labels) {
      text.append('.').append(label.value());
    }
    return text.toString();
  }

  /** {@code envoy_cluster_upstream_rq_total}. */
  public String prometheus() {
    return ("envoy_" + prefix + "_" + name).replaceAll("[^a-zA-Z0-9_]", "_");
  }
}
