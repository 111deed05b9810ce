package dev.weir.sidecar.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
  /** Envoy writes the tag of these in front: {@code lrl.http_local_rate_limit.ok}. */
  private static final Set<String> TAG_FIRST = Set.of("http_local_rate_limit");

  private static final Pattern CLASS = Pattern.compile("_rq_([1-5])xx$");

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
    StringBuilder text = new StringBuilder();
    if (TAG_FIRST.contains(prefix) && !tag.isEmpty()) {
      text.append(tag).append('.').append(prefix);
    } else {
      text.append(prefix);
      if (!tag.isEmpty()) {
        text.append('.').append(tag);
      }
    }
    text.append('.').append(name);
    for (Label label : labels) {
      text.append('.').append(label.value());
    }
    return text.toString();
  }

  /** {@code envoy_cluster_upstream_rq_total}. */
  public String prometheus() {
    String family = CLASS.matcher(name).replaceFirst("_rq_xx");
    return ("envoy_" + prefix + "_" + family).replaceAll("[^a-zA-Z0-9_]", "_");
  }

  /** What the Prometheus form has beside its name: what Envoy takes out of it as tags. */
  public List<Label> prometheusLabels() {
    List<Label> all = new ArrayList<>();
    Matcher classOf = CLASS.matcher(name);
    if (classOf.find()) {
      all.add(new Label("envoy_response_code_class", classOf.group(1)));
    }
    if (!tag.isEmpty()) {
      all.add(new Label(tagKey, tag));
    }
    all.addAll(labels);
    return all;
  }
}
