package dev.weir.control.source.file;

import dev.weir.control.source.Source;
import dev.weir.control.source.Unit;
import dev.weir.control.source.reader.Finding;
import dev.weir.protos.Location;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** One text as a source, as of what is piped in; it never changes. Not thread-safe. */
public final class TextSource implements Source {
  private final FileVersion version;

  /**
   * @param name of it in places
   */
  public TextSource(String name, String text, Clock clock) {
    this.version = new Folder(Path.of(name), clock).restored(name, text, clock.instant());
  }

  @Override
  public SortedMap<String, ? extends Unit> restored() {
    return Collections.emptySortedMap();
  }

  @Override
  public Look look() {
    SortedMap<String, FileVersion> units = new TreeMap<>();
    units.put(version.name(), version);
    return new Look(
        units,
        version.resources().isEmpty() && version.right()
            ? List.of(
                Finding.error(
                    Location.of(version.name()),
                    "",
                    "",
                    "there is no resource in it that a mesh reads"))
            : List.of());
  }

  @Override
  public void inForce(Collection<? extends Unit> units) {
    // Nothing is kept for a next time.
  }
}
