package dev.weir.sidecar.telemetry;

import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.runtime.Loop;
import java.util.List;

/**
 * Hears of each stream of a filter chain that is over, and of each connection that is no HTTP: an
 * access log, statistics, traces.
 */
public interface StreamObserver {
  /**
   * It is over. Event loop {@code loop}, which does not wait: what takes time is another thread's.
   *
   * @param info with its end; of its connection only what is told in it outlives this call
   */
  void ended(StreamInfo info, Loop loop);

  /**
   * Tells all of {@code observers}; a mistake of one of them is its own. Event loop {@code loop}.
   */
  static void tell(List<StreamObserver> observers, StreamInfo info, Loop loop) {
    for (int i = 0; i < observers.size(); i++) {
      try {
        observers.get(i).ended(info, loop);
      } catch (Throwable mistake) {
        loop.incidents().report("the end of a stream", mistake);
      }
    }
  }
}
