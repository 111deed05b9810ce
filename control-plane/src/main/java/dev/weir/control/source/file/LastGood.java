package dev.weir.control.source.file;

import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;

/** Where the texts that are in force stay for the next start. */
public interface LastGood {
  /** Nothing stays. */
  LastGood NONE =
      new LastGood() {
        @Override
        public SortedMap<String, Text> load() {
          return new TreeMap<>();
        }

        @Override
        public void save(SortedMap<String, Text> texts) {}
      };

  /** A file as it was in force. */
  record Text(String content, Instant readAt) {}

  /** By path below the folder. */
  SortedMap<String, Text> load();

  /** From now on these are in force, and no others. */
  void save(SortedMap<String, Text> texts);
}
