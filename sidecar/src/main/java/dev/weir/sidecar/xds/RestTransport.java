package dev.weir.sidecar.xds;

import java.time.Duration;

/** Makes requests of REST to a control plane. */
public interface RestTransport {
  /**
   * POSTs JSON and returns at once.
   *
   * @param timeout until the whole answer is here; zero is no limit
   */
  Call post(String cluster, String path, byte[] body, Duration timeout, Listener listener);

  /** One request. Any thread. */
  interface Call {
    /** Gives it up. The listener may still be told of an answer that was on its way. */
    void cancel();
  }

  /** Told once, on any thread. */
  interface Listener {
    void onAnswer(int status, byte[] body);

    void onFailed(String reason);
  }
}
