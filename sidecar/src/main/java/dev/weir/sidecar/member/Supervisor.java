package dev.weir.sidecar.member;

import dev.weir.cli.Durations;
import dev.weir.sidecar.member.system.Sign;
import dev.weir.sidecar.runtime.Clock;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lives as long as the app, which it starts, and starts again as it is to. Told to end, the member
 * leaves the mesh first: its callers go elsewhere, what is under way ends, and the sidecar's end is
 * when the app is told. Who does not end then is killed after a while; told again, nobody is asked
 * any more. Main thread.
 */
final class Supervisor {
  private static final int FAILED = 1;

  /** How long the sidecar may take to end: twice the time in which what is under way does. */
  private static final Duration SIDECAR_ENDS = SidecarProcess.DRAIN.multipliedBy(2);

  /** Starts the app. */
  interface Starter {
    Running start() throws IOException;
  }

  /**
   * How an app is treated.
   *
   * @param name the instance's
   * @param grace how long it may take to end
   */
  record Care(String name, RestartPolicy restart, Duration grace) {}

  private final Care care;
  private final Starter starter;
  private final Running sidecar;
  private final Events events;
  private final Clock clock;
  private final Consumer<String> say;
  private final Restarts restarts;

  private Optional<Sign> told = Optional.empty();
  private boolean lost;

  /** Absent: it has ended, and {@code due} is when it is started again. */
  private @Nullable Running app;

  /** When the app is started again, or who does not end is killed. */
  private Optional<Long> due = Optional.empty();

  /**
   * @param say takes a line for people
   */
  Supervisor(
      Care care,
      Starter starter,
      Running sidecar,
      Events events,
      Clock clock,
      Consumer<String> say) {
    this.care = care;
    this.starter = starter;
    this.sidecar = sidecar;
    this.events = events;
    this.clock = clock;
    this.say = say;
    restarts = new Restarts(care.restart(), clock);
  }

  /**
   * Waits for the app's end.
   *
   * @return the member's status: of the signal that it was told, else 1 if the app lost what it
   *     cannot be without, else the app's
   */
  int run() throws IOException, InterruptedException {
    start();
    Optional<Integer> status = Optional.empty();
    while (status.isEmpty()) {
      Optional<Event> event = events.next(untilDue());
      status = event.isPresent() ? took(event.get()) : late();
    }
    return status.get();
  }

  private void start() throws IOException {
    due = Optional.empty();
    restarts.started();
    app = starter.start();
  }

  /** For ever, as people have it, if nothing is due. */
  private Duration untilDue() {
    return due.map(at -> Duration.ofNanos(Math.max(0, at - clock.nanoTime())))
        .orElse(Duration.ofDays(1));
  }

  private Optional<Integer> took(Event event) {
    return switch (event) {
      case Event.Told(Sign sign) -> told(sign);
      case Event.SidecarEnded() -> lost("sidecar");
      case Event.MeshEnded() -> lost("mesh");
      case Event.AppEnded(Ending ending) -> ended(ending);
    };
  }

  private Optional<Integer> late() throws IOException {
    Running running = app;
    if (due.isEmpty() || clock.nanoTime() - due.get() < 0) {
      return Optional.empty();
    }
    due = Optional.empty();
    if (running == null) {
      start();
    } else if (!lost) {
      say("its sidecar did not end within " + Durations.text(SIDECAR_ENDS) + "; it is killed");
      sidecar.tell(Sign.KILL);
    } else {
      say(
          "the app did not end within "
              + Durations.text(care.grace())
              + " of SIG"
              + told.orElse(Sign.TERM)
              + "; it is killed");
      running.tell(Sign.KILL);
    }
    return Optional.empty();
  }

  private Optional<Integer> ended(Ending ending) {
    app = null;
    due = Optional.empty();
    if (told.isPresent()) {
      return Optional.of(told.get().status());
    }
    if (lost) {
      return Optional.of(FAILED);
    }
    Optional<String> unexpected = ending.unexpected();
    Optional<Restarts.Next> next = restarts.next(ending.status());
    if (next.isEmpty()) {
      unexpected.ifPresent(signal -> say("the app was ended by " + signal));
      return Optional.of(ending.status());
    }
    say(
        unexpected
                .map(signal -> "the app was ended by " + signal)
                .orElse("the app ended with status " + ending.status())
            + "; it is started again in "
            + next.get());
    due = Optional.of(clock.nanoTime() + next.get().after().toNanos());
    return Optional.empty();
  }

  private Optional<Integer> told(Sign sign) {
    if (app == null) {
      return Optional.of(sign.status());
    }
    if (told.isEmpty()) {
      told = Optional.of(sign);
      sidecar.tell(Sign.TERM);
      if (!lost) {
        due = Optional.of(clock.nanoTime() + SIDECAR_ENDS.toNanos());
      }
    } else {
      due = Optional.empty();
      sidecar.tell(Sign.KILL);
      app.tell(Sign.KILL);
    }
    return Optional.empty();
  }

  /** The app's end is to be the member's, for it cannot be without. */
  private Optional<Integer> lost(String what) {
    Running running = app;
    if (lost || running != null && !running.running()) {
      return Optional.empty();
    }
    lost = true;
    if (told.isEmpty()) {
      say("its " + what + " ended; the app is stopped");
    }
    if (running == null) {
      return Optional.of(FAILED);
    }
    running.tell(told.orElse(Sign.TERM));
    due = Optional.of(clock.nanoTime() + care.grace().toNanos());
    return Optional.empty();
  }

  private void say(String line) {
    say.accept(care.name() + ": " + line);
  }
}
