package dev.weir.sidecar.listener;

/** Why a listener is not in force as it is configured; the rest of the configuration is. */
public record ListenerProblem(String name, String reason) {
  @Override
  public String toString() {
    return "listener " + name + ": " + reason;
  }
}
