package dev.weir.sidecar.http;

import dev.weir.sidecar.config.listener.Tracing;
import dev.weir.sidecar.runtime.Loop;
import org.jspecify.annotations.Nullable;

/**
 * The facts of one request, or of one connection that is no HTTP, gathered on its way and read by
 * those who tell of it. A struct: plain fields, one writer, the event loop.
 */
public final class StreamInfo {
  private static final long NANOS_PER_MILLI = 1_000_000;

  public final Downstream connection;

  /** the loop's {@code nanoTime} at the head's arrival, or the connection's. */
  public final long startNanos;

  public final long startMillis;

  public @Nullable Headers request;
  public @Nullable Headers response;

  /** The response's; null before they are known, or without any. */
  public @Nullable Headers trailers;

  public long bytesReceived;
  public long bytesSent;

  /** 0 until the response's head is known, and for what is no HTTP. */
  public int status;

  /** Bits of {@link ResponseFlag}. */
  public int flags;

  /** {@code %RESPONSE_CODE_DETAILS%}. */
  public String details = "";

  /** {@code %CONNECTION_TERMINATION_DETAILS%}. */
  public String connectionTermination = "";

  /** Listener and filter chain, as their configuration calls them. */
  public String chain = "";

  public String routeName = "";
  public String virtualHost = "";
  public @Nullable String cluster;
  public @Nullable String upstreamHost;
  public String upstreamFailure = "";
  public int attempts;

  /** Of the policies that were asked, the last; null before one was. */
  public @Nullable PolicyDecision decision;

  /** The one begun last; null before there is a host. */
  public @Nullable AttemptInfo attempt;

  public @Nullable Cause cause;

  /** Why it would have been refused first, were that policy not in shadow mode. */
  public @Nullable Cause shadowCause;

  public long endNanos;

  /** When the last of the request came; 0: it has not. */
  public long requestEndNanos;

  /** When the response's head went to the client; 0 without one. */
  public long responseNanos;

  /** The response went to the client to its end, at {@link #endNanos}. */
  public boolean responseWhole;

  /** 32 hex digits, or what an app's X-Trace-ID holds; null without tracing. */
  public @Nullable String traceId;

  public boolean sampled;

  /** What is told of its span, were it sampled; null: it has none. */
  public @Nullable Tracing tracing;

  /** Null: it has none. */
  public @Nullable StreamSpan span;

  /** Null until a filter says something. */
  public @Nullable DynamicMetadata metadata;

  /** Of what begins now. */
  public StreamInfo(Downstream connection) {
    this(connection, connection.loop().nanoTime());
  }

  /**
   * @param startNanos when it began
   */
  public StreamInfo(Downstream connection, long startNanos) {
    this.connection = connection;
    this.startNanos = startNanos;
    Loop loop = connection.loop();
    this.startMillis =
        loop.clock().currentTimeMillis() - (loop.nanoTime() - startNanos) / NANOS_PER_MILLI;
  }

  /** A policy has decided. */
  public void decided(
      String what,
      String policy,
      String limit,
      PolicyDecision.Outcome outcome,
      long level,
      long bound,
      String unit) {
    decision =
        new PolicyDecision(
            decision,
            connection.loop().nanoTime(),
            what,
            policy,
            limit,
            outcome,
            level,
            bound,
            unit);
  }

  /** One more attempt begins. */
  public AttemptInfo newAttempt(boolean copy, String to, String host, long now) {
    attempts++;
    AttemptInfo next = new AttemptInfo(attempt, attempts, copy, to, host, now);
    attempt = next;
    return next;
  }

  public void flag(ResponseFlag flag) {
    flags |= flag.bit();
  }

  /** Made at the first call. */
  public DynamicMetadata metadata() {
    DynamicMetadata known = metadata;
    if (known == null) {
      known = new DynamicMetadata();
      metadata = known;
    }
    return known;
  }

  /** A policy in shadow mode would have refused the request; the first one is kept. */
  public void wouldRefuse(Cause why) {
    if (shadowCause == null) {
      shadowCause = why;
    }
  }
}
