package dev.weir.sidecar;

import dev.weir.sidecar.accesslog.LogFiles;
import dev.weir.sidecar.admin.AdminActions;
import dev.weir.sidecar.listener.ListenerManager;
import dev.weir.sidecar.xds.ControlThread;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the admin pages may do. */
final class Actions implements AdminActions {
  private final ListenerManager listeners;
  private final LogFiles logs;
  private final ControlThread control;
  private final Consumer<Boolean> health;
  private volatile @Nullable Runnable quit;

  /**
   * @param health told whether it is to count as not ready. Any thread
   */
  Actions(
      ListenerManager listeners, LogFiles logs, ControlThread control, Consumer<Boolean> health) {
    this.listeners = listeners;
    this.logs = logs;
    this.control = control;
    this.health = health;
  }

  /** What {@link #quit} does. */
  void onQuit(Runnable end) {
    quit = end;
  }

  @Override
  public void drainInbound() {
    control.execute(listeners::drainInbound);
  }

  @Override
  public void drainAll() {
    control.execute(() -> {
      listeners.drainInbound();
      listeners.drainOutbound();
    });
  }

  @Override
  public void failHealth(boolean fail) {
    health.accept(fail);
  }

  @Override
  public void reopenLogs() {
    logs.reopen();
  }

  @Override
  public boolean quit() {
    Runnable end = quit;
    if (end != null) {
      end.run();
    }
    return end != null;
  }
}
