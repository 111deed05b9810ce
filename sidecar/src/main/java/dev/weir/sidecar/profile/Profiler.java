package dev.weir.sidecar.profile;

import dev.weir.sidecar.profile.Profile.Recorded;
import dev.weir.sidecar.profile.Profile.Refused;
import dev.weir.sidecar.profile.Profile.Told;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's flight recorder, one recording at a time. It is begun with the first, and what it takes
 * for itself stays from then on. Any thread that may wait.
 */
public final class Profiler {
  /** A recording is given out as far as it has come when it is as large. */
  private static final long MOST_BYTES = 16L << 20;

  private static final Duration LOOK = Duration.ofMillis(500);
  private static final String TEMPORARY = "java.io.tmpdir";

  private final Semaphore turn = new Semaphore(1);

  /**
   * Records where time and memory go. The turn is given up when the answer is closed.
   *
   * @param limit it ends before that where it grows large, or nobody waits for it any more
   */
  public Profile record(Duration limit, Asker asker) throws IOException, InterruptedException {
    Optional<Refused> refused = begin();
    if (refused.isPresent()) {
      return refused.get();
    }
    @Nullable Recording recording = null;
    boolean handedOn = false;
    try {
      recording = new Recording(Events.ofTime(recorder().getEventTypes()));
      recording.start();
      wait(limit, asker);
      recording.stop();
      InputStream bytes = recording.getStream(null, null);
      if (bytes == null) {
        return new Refused("nothing was recorded");
      }
      handedOn = true;
      return new Recorded(new Answer(bytes, recording));
    } finally {
      if (!handedOn) {
        end(recording);
      }
    }
  }

  /** What lives on the heap, for which all of it is collected. */
  public Profile heapHistogram() throws IOException {
    Optional<Refused> refused = begin();
    if (refused.isPresent()) {
      return refused.get();
    }
    @Nullable Recording recording = null;
    Optional<Path> file = Optional.empty();
    try {
      recording = new Recording(Events.ofHeap(recorder().getEventTypes()));
      recording.start();
      file =
          Optional.of(
              Files.createTempFile(Room.repository().orElseThrow().getParent(), "weir", ".jfr"));
      recording.stop();
      recording.dump(file.get());
      return new Told(HeapHistogram.of(file.get()));
    } finally {
      if (file.isPresent()) {
        Files.deleteIfExists(file.get());
      }
      end(recording);
    }
  }

  /** Takes the turn, unless there is a reason not to. */
  private Optional<Refused> begin() {
    if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
      return refused("this Java runtime has no module jdk.jfr");
    }
    if (!turn.tryAcquire()) {
      return refused("somebody else is being answered; ask again");
    }
    Optional<Refused> none = noRoom();
    if (none.isPresent()) {
      turn.release();
    }
    return none;
  }

  private static Optional<Refused> refused(String why) {
    return Optional.of(new Refused(why));
  }

  private static Optional<Refused> noRoom() {
    if (!FlightRecorder.isAvailable()) {
      return refused("the flight recorder of this JVM is switched off");
    }
    boolean begun = FlightRecorder.isInitialized();
    if (!begun && Room.memory() < Room.MEMORY_BYTES) {
      return refused(
          "the container has not the %d MiB of memory left that a recording takes; %d are"
              .formatted(Room.MEMORY_BYTES >> 20, Room.memory() >> 20));
    }
    if (begun && Room.repository().isPresent()
        ? Room.usable(Room.repository().get()) < Room.FOLDER_BYTES
        : Room.folder().isEmpty()) {
      return refused(
          "neither %s nor /dev/shm can be written to with %d MiB free"
              .formatted(System.getProperty(TEMPORARY), Room.FOLDER_BYTES >> 20));
    }
    return Optional.empty();
  }

  /** It keeps to the folder for temporary files that it finds when it begins. */
  private static FlightRecorder recorder() {
    String temporary = System.getProperty(TEMPORARY);
    Optional<Path> folder = FlightRecorder.isInitialized() ? Optional.empty() : Room.folder();
    folder.ifPresent(path -> System.setProperty(TEMPORARY, path.toString()));
    try {
      return FlightRecorder.getFlightRecorder();
    } finally {
      System.setProperty(TEMPORARY, temporary);
    }
  }

  private static void wait(Duration limit, Asker asker) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    long left = limit.toNanos();
    while (left > 0
        && !asker.leavesWithin(Duration.ofNanos(Math.min(left, LOOK.toNanos())))
        && Room.repository().map(Profiler::hasRoom).orElse(true)) {
      left = end - System.nanoTime();
    }
  }

  private static boolean hasRoom(Path repository) {
    return Room.used(repository) < MOST_BYTES && Room.usable(repository) > Room.FLOOR_BYTES;
  }

  /** The recorder makes its folder anew with the next recording. */
  private void end(@Nullable Recording recording) {
    try {
      if (recording != null) {
        recording.close();
      }
      Room.repository().ifPresent(Profiler::remove);
    } finally {
      turn.release();
    }
  }

  private static void remove(Path repository) {
    try {
      Files.deleteIfExists(repository);
    } catch (IOException e) {
      return; // another's recording is in it, whoever began that
    }
  }

  /** What was recorded, and then the turn of the next. */
  private final class Answer extends FilterInputStream {
    private final Recording recording;
    private final AtomicBoolean open = new AtomicBoolean(true);

    Answer(InputStream bytes, Recording recording) {
      super(bytes);
      this.recording = recording;
    }

    @Override
    public void close() throws IOException {
      if (open.getAndSet(false)) {
        try {
          super.close();
        } finally {
          end(recording);
        }
      }
    }
  }
}
