package dev.weir.sidecar.accesslog.otlp;

import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.trace.TraceHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a record is made of.
 *
 * @param of whose record it is
 * @param epochNanos when the stream began, since 1970, UTC
 * @param ids null: it has no trace
 * @param texts of the templates, in their order
 * @param tags names and values in turn
 */
record Entry(
    AccessLog.Otlp of,
    long epochNanos,
    TraceHeaders.@Nullable Ids ids,
    boolean sampled,
    List<String> texts,
    List<String> tags) {
  /** Of a record, beside its texts: objects, names, the ids. */
  private static final int OVERHEAD = 512;

  /** Bytes that it holds, about. */
  int weight() {
    int weight = OVERHEAD;
    for (String text : texts) {
      weight += text.length() + 48;
    }
    for (String text : tags) {
      weight += text.length() + 48;
    }
    return weight;
  }
}
