package dev.weir.sidecar.member;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Lives as long as the app. Told to end, the member leaves the mesh first: its callers go
 * elsewhere, what is under way ends, and the sidecar's end is when the app is told. Told again,
 * nobody is asked any more. Main thread.
 */
final class Supervisor {
  private static final int FAILED = 1;

  private final String name;
  private final Running app;
  private final Running sidecar;
  private final Events events;
  private final Consumer<String> say;
  private Optional<Sign> told = Optional.empty();
  private boolean lost;

  /**
   * @param name the instance's
   * @param say takes a line for people
   */
  Supervisor(String name, Running app, Running sidecar, Events events, Consumer<String> say) {
    this.name = name;
    this.app = app;
    this.sidecar = sidecar;
    this.events = events;
    this.say = say;
  }

  /**
   * Waits for the app's end.
   *
   * @return the member's status: of the signal that it was told, else 1 if the app lost what it
   *     cannot be without, else the app's
   */
  int run() throws InterruptedException {
    while (true) {
      switch (events.next()) {
        case Event.Told(Sign sign) -> told(sign);
        case Event.SidecarEnded() -> lost("sidecar");
        case Event.MeshEnded() -> lost("mesh");
        case Event.AppEnded(Ending ending) -> {
          return ended(ending);
        }
      }
    }
  }

  private int ended(Ending ending) {
    if (told.isPresent()) {
      return told.get().status();
    }
    if (lost) {
      return FAILED;
    }
    ending.unexpected().ifPresent(signal -> say.accept(name + ": the app was ended by " + signal));
    return ending.status();
  }

  private void told(Sign sign) {
    if (told.isEmpty()) {
      told = Optional.of(sign);
      sidecar.tell(Sign.TERM);
    } else {
      sidecar.tell(Sign.KILL);
      app.tell(Sign.KILL);
    }
  }

  /** The app's end is to be the member's, for it cannot be without. */
  private void lost(String what) {
    if (lost || !app.running()) {
      return;
    }
    lost = true;
    if (told.isEmpty()) {
      say.accept(name + ": its " + what + " ended; the app is stopped");
    }
    app.tell(told.orElse(Sign.TERM));
  }
}
