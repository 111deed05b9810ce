package dev.weir.control;

import dev.weir.control.source.file.LastGood;
import dev.weir.control.state.KeptState;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files that are in force, as they are kept: the time of reading, then the text. */
final class KeptFiles implements LastGood {
  private final KeptState state;

  KeptFiles(KeptState state) {
    this.state = state;
  }

  /** What does not begin with a time was not kept by this program, and is passed over. */
  @Override
  public SortedMap<String, Text> load() {
    SortedMap<String, Text> texts = new TreeMap<>();
    state
        .found()
        .forEach((name, kept) -> {
          int end = kept.indexOf('\n');
          try {
            Instant readAt = Instant.parse(kept.substring(0, Math.max(end, 0)));
            texts.put(name, new Text(kept.substring(end + 1), readAt));
          } catch (DateTimeParseException strange) {
            // As said above: the file in the folder is read all the same.
          }
        });
    return texts;
  }

  @Override
  public void save(SortedMap<String, Text> texts) {
    SortedMap<String, String> kept = new TreeMap<>();
    texts.forEach((name, text) -> kept.put(name, text.readAt() + "\n" + text.content()));
    state.keep(() -> kept);
  }
}
