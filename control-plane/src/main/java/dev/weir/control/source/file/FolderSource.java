package dev.weir.control.source.file;

import dev.weir.control.link.Linked;
import dev.weir.control.source.reader.Finding;
import dev.weir.protos.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A folder as a source: reads what changed and says what is in force now. Not thread-safe. */
public final class FolderSource {
  private final Path root;
  private final Folder folder;
  private final FolderHistory history;
  private final LastGood lastGood;
  private SortedMap<String, FileVersion> seen = new TreeMap<>();
  private Linked current;
  private boolean first = true;

  /**
   * @param clock tells when a version was read, in its own zone
   * @param lastGood what was in force when it last ran, and where it is kept for the next time
   */
  public FolderSource(Path root, Clock clock, LastGood lastGood) {
    this.root = root;
    this.folder = new Folder(root, clock);
    this.history = new FolderHistory(clock.getZone());
    this.lastGood = lastGood;
    this.current = told(Linked.NOTHING);
    lastGood
        .load()
        .forEach((name, text) -> {
          String path = root + "/" + name;
          seen.put(path, folder.restored(path, text.content(), text.readAt()));
        });
    history.restore(seen);
  }

  /** One that keeps nothing for a next time. */
  public FolderSource(Path root, Clock clock) {
    this(root, clock, LastGood.NONE);
  }

  /**
   * What is in force, after a look at every file. A folder that cannot be read is a finding, and
   * everything stays as it was; so is one that says nothing: it is the wrong one, or its files have
   * the wrong names.
   */
  public Linked scan() {
    try {
      SortedMap<String, FileVersion> versions = folder.read(seen);
      if (first || !same(versions) || current.findings().stream().anyMatch(this::isAboutRoot)) {
        first = false;
        seen = versions;
        current = told(history.advance(versions));
        keep();
      }
    } catch (IOException e) {
      current =
          aboutRoot(
              Files.isDirectory(root) ? "cannot be read: " + e.getMessage() : "is not a folder",
              current);
    }
    return current;
  }

  private void keep() {
    SortedMap<String, LastGood.Text> texts = new TreeMap<>();
    for (FileVersion version : history.inForce()) {
      boolean nothing = !version.right() && version.resources().isEmpty();
      if (nothing || version.name().equals(root.toString())) {
        continue; // Nothing of it is in force, or it is one file that is looked at by itself.
      }
      texts.put(
          version.name().substring(root.toString().length() + 1),
          new LastGood.Text(version.content(), version.readAt()));
    }
    lastGood.save(texts);
  }

  private Linked told(Linked linked) {
    return linked.model().isEmpty() && linked.findings().stream().noneMatch(Finding::isError)
        ? aboutRoot(
            "there is no resource in it that a mesh reads; they are read from files that end in"
                + " .yaml, .yml or .json, here and in the folders below",
            linked)
        : linked;
  }

  private Linked aboutRoot(String why, Linked linked) {
    List<Finding> findings = new ArrayList<>(linked.findings());
    findings.removeIf(this::isAboutRoot);
    findings.addFirst(Finding.error(Location.of(root.toString()), "", "", why));
    return linked.with(findings);
  }

  /** What to watch for changes. */
  List<Path> folders() throws IOException {
    return folder.folders();
  }

  private boolean isAboutRoot(Finding finding) {
    return finding.at().file().equals(root.toString());
  }

  private boolean same(Map<String, FileVersion> versions) {
    return seen.size() == versions.size()
        && versions.entrySet().stream()
            .allMatch(entry -> entry.getValue().same(seen.get(entry.getKey())));
  }
}
