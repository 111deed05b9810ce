package dev.weir.control.source.file;

import dev.weir.control.link.Linked;
import dev.weir.control.link.Sources;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** Folders that are looked at once. */
public final class Folders {
  private Folders() {}

  public static Linked scan(Path folder) {
    Clock clock = Clock.systemUTC();
    return new Sources(List.of(new FolderSource(folder, clock)), clock.getZone()).scan();
  }
}
