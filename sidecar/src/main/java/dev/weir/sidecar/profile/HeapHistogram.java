package dev.weir.sidecar.profile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** What lives on the heap, by class, the largest first, as a recording has it. */
final class HeapHistogram {
  private static final Comparator<RecordedEvent> BY_BYTES =
      Comparator.comparingLong(event -> event.getLong("totalSize"));

  private HeapHistogram() {}

  static String of(Path recording) throws IOException {
    return RecordingFile.readAllEvents(recording).stream()
        .filter(event -> event.getEventType().getName().equals(Events.OBJECTS))
        .sorted(BY_BYTES.reversed())
        .map(event ->
            "%12d %10d  %s%n"
                .formatted(
                    event.getLong("totalSize"),
                    event.getLong("count"),
                    event.getClass("objectClass").getName()))
        .collect(
            Collectors.joining(
                "",
                "       BYTES    OBJECTS  CLASS\n",
                "Classes with less than half a percent of what lives are left out.\n"));
  }
}
