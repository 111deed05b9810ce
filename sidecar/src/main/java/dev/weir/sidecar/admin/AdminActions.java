package dev.weir.sidecar.admin;

/** What is done on request of who is on this machine. Any thread; each returns at once. */
public interface AdminActions {
  /** Nothing new is accepted from other workloads, and what is under way ends. */
  void drainInbound();

  /** The same, and the app's own connections end after the request they are at. */
  void drainAll();

  /**
   * From now on the sidecar says that it is not ready, to the kubelet and to its control plane, or
   * does so no longer.
   */
  void failHealth(boolean fail);

  /** Access logs are written to what their paths name from now on. */
  void reopenLogs();

  /** Ends the program as SIGTERM does; false where it is not its own to end. */
  boolean quit();
}
