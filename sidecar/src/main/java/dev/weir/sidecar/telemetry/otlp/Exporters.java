package dev.weir.sidecar.telemetry.otlp;

/** What sends to collectors in the background, until it is ended. */
public interface Exporters extends AutoCloseable {
  /** What waits is sent within two seconds, or dropped. Any thread; waits for nothing. */
  void end();

  /** {@link #end}, and waits for it. Before the event loops stop. */
  @Override
  void close();
}
