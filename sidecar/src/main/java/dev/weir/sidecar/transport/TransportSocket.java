package dev.weir.sidecar.transport;

import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.stats.StatSlab;
import io.netty.channel.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A transport socket as configured, made ready for any number of connections. Any thread. */
public interface TransportSocket {
  /** How it went. One of the two is called, once, on the connection's event loop. */
  interface Outcome {
    /** What it needs is in the pipeline: bytes that were read before go to its head now. */
    default void attached() {}

    /**
     * The peer is who it must be, and plain bytes come and go behind what was put into the
     * pipeline. The caller's handler is to be there before this returns.
     *
     * @param protocol what was agreed by ALPN; empty for nothing
     */
    void ready(String protocol);

    /** The connection is closed, or about to be. */
    void failed(boolean timeout, String reason);
  }

  /**
   * What is told of one connection's way to be ready.
   *
   * @param stats of the listener or cluster, counted in {@code slab}
   * @param limitNanos how long it may take
   * @param protocols what is offered by ALPN in place of what is configured; empty for that
   * @param halfClose each way must end by itself, as a relay's does
   * @param called in place of what is configured; null for that
   */
  record Attachment(
      Loop loop,
      StatSlab slab,
      TlsStats stats,
      long limitNanos,
      List<String> protocols,
      boolean halfClose,
      @Nullable ServerName called) {}

  /** Bytes as they are: ready at once. */
  TransportSocket PLAIN =
      new TransportSocket() {
        @Override
        public boolean plain() {
          return true;
        }

        @Override
        public void attach(Channel channel, Attachment attachment, Outcome outcome) {
          outcome.ready("");
        }

        @Override
        public String toString() {
          return "raw_buffer";
        }
      };

  /** It puts nothing into the pipeline. */
  boolean plain();

  /** What it offers by ALPN; empty for nothing, or what the protocol of the connection wants. */
  default List<String> protocols() {
    return List.of();
  }

  /**
   * Puts itself at the front of the pipeline of {@code channel}, which is connected, and begins.
   * Event loop of the channel.
   */
  void attach(Channel channel, Attachment attachment, Outcome outcome);
}
