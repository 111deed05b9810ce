package dev.weir.sidecar.telemetry;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.log.Level;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.SocketAddresses;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A debug message of each stream that is over, without what it may have in confidence. */
public final class EndedLines implements StreamObserver {
  private final Log log;

  public EndedLines(Log log) {
    this.log = log;
  }

  @Override
  public void ended(StreamInfo info, Loop loop) {
    if (log.shows(Level.DEBUG)) {
      tell(info);
    }
  }

  private void tell(StreamInfo info) {
    Map<String, Object> facts = new TreeMap<>();
    facts.put("chain", info.chain);
    facts.put("peer", SocketAddresses.text(info.connection.remoteAddress()));
    facts.put("duration_ms", (info.endNanos - info.startNanos) / 1_000_000);
    facts.put("attempts", info.attempts);
    put(facts, "cluster", info.cluster);
    put(facts, "upstream_host", info.upstreamHost);
    put(facts, "trace_id", info.traceId);
    put(facts, "details", info.details);
    put(facts, "failure", info.upstreamFailure);
    String flags = info.flags == 0 ? "" : ResponseFlag.text(info.flags);
    put(facts, "flags", flags);
    Headers request = info.request;
    String what;
    if (request == null) {
      what = "a connection";
    } else {
      String path = String.valueOf(request.path());
      int query = path.indexOf('?');
      what = request.method() + " " + (query < 0 ? path : path.substring(0, query));
      facts.put("status", info.status);
    }
    StringBuilder text = new StringBuilder(what).append(" is over:");
    facts.forEach((name, value) -> text.append(' ').append(name).append('=').append(value));
    log.say(Level.DEBUG, text.toString(), facts);
  }

  private static void put(Map<String, Object> facts, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      facts.put(name, value);
    }
  }
}
