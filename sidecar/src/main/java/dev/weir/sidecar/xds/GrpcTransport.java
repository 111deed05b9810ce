package dev.weir.sidecar.xds;

/** Opens gRPC streams to the control plane. */
public interface GrpcTransport {
  /**
   * Begins a bidirectional stream and returns at once, also when there is no connection yet; what
   * fails is told to {@code listener}.
   *
   * @param path of the method: {@code
   *     /envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources}
   */
  Call open(String path, Listener listener);

  /** One stream. Control thread. */
  interface Call {
    /** Sends one message; it is queued while the peer takes none. */
    void send(byte[] message);

    /** Lets that many more messages be delivered; none is without. The bound on what waits. */
    void request(int messages);

    /** Ends the stream. The listener may still be called once with its end. */
    void cancel(String why);
  }

  /** Called on any thread, one call at a time, nothing after {@link #onClosed}. */
  interface Listener {
    void onMessage(byte[] message);

    /** The end, once: the gRPC status and its message. */
    void onClosed(int status, String message);
  }
}
