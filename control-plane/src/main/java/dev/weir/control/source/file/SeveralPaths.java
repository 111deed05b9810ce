package dev.weir.control.source.file;

import dev.weir.control.link.Linked;
import dev.weir.control.source.reader.Finding;
import dev.weir.protos.Location;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Folders and files that are looked at once, as if they were one folder. */
public final class SeveralPaths {
  private SeveralPaths() {}

  /** What would be in force; a file that is in several of them is read once. */
  public static Linked scan(List<Path> paths, Clock clock) {
    SortedMap<String, FileVersion> versions = new TreeMap<>();
    List<Finding> unreadable = new ArrayList<>();
    for (Path path : paths) {
      try {
        versions.putAll(new Folder(path.normalize(), clock).read(Map.of()));
      } catch (IOException e) {
        unreadable.add(
            Finding.error(
                Location.of(path.toString()), "", "", "cannot be read: " + e.getMessage()));
      }
    }
    Linked linked = new FolderHistory(clock.getZone()).advance(versions);
    List<Finding> findings = new ArrayList<>(unreadable);
    if (unreadable.isEmpty() && linked.model().isEmpty() && linked.findings().isEmpty()) {
      findings.add(
          Finding.error(
              Location.of(String.join(", ", paths.stream().map(Path::toString).toList())),
              "",
              "",
              "there is no resource in them that a mesh reads"));
    }
    findings.addAll(linked.findings());
    return linked.with(findings);
  }
}
