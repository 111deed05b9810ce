package dev.weir.control.source.file;

import dev.weir.control.source.Source;
import dev.weir.control.source.Unit;
import dev.weir.control.source.reader.Finding;
import dev.weir.protos.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A folder as a source, a file a unit; what did not change is not read again. Not thread-safe. */
public final class FolderSource implements Source {
  private final Path root;
  private final Folder folder;
  private final LastGood lastGood;
  private SortedMap<String, FileVersion> seen = new TreeMap<>();

  /**
   * @param clock tells when a version was read
   * @param lastGood what was in force when it last ran, and where it is kept for the next time
   */
  public FolderSource(Path root, Clock clock, LastGood lastGood) {
    this.root = root;
    this.folder = new Folder(root, clock);
    this.lastGood = lastGood;
    lastGood
        .load()
        .forEach((name, text) -> {
          String path = root + "/" + name;
          seen.put(path, folder.restored(path, text.content(), text.readAt()));
        });
  }

  /** One that keeps nothing for a next time; a file may stand in the place of the folder. */
  public FolderSource(Path root, Clock clock) {
    this(root, clock, LastGood.NONE);
  }

  @Override
  public SortedMap<String, FileVersion> restored() {
    return Collections.unmodifiableSortedMap(seen);
  }

  /**
   * A folder that cannot be read is a finding, and so is one that says nothing: it is the wrong
   * one, or its files have the wrong names.
   */
  @Override
  public Look look() {
    try {
      seen = folder.read(seen);
    } catch (IOException e) {
      return new Look(
          seen,
          List.of(
              aboutRoot(
                  Files.isDirectory(root)
                      ? "cannot be read: " + e.getMessage()
                      : "is not a folder")));
    }
    boolean saysNothing =
        seen.values().stream().allMatch(file -> file.resources().isEmpty() && file.right());
    return new Look(
        seen,
        saysNothing
            ? List.of(
                aboutRoot(
                    "there is no resource in it that a mesh reads; they are read from files that"
                        + " end in .yaml, .yml or .json, here and in the folders below"))
            : List.of());
  }

  private Finding aboutRoot(String why) {
    return Finding.error(Location.of(root.toString()), "", "", why);
  }

  @Override
  public void inForce(Collection<? extends Unit> units) {
    SortedMap<String, LastGood.Text> texts = new TreeMap<>();
    for (Unit unit : units) {
      boolean nothing = !unit.right() && unit.resources().isEmpty();
      if (unit instanceof FileVersion file && !nothing && !file.name().equals(root.toString())) {
        texts.put(
            file.name().substring(root.toString().length() + 1),
            new LastGood.Text(file.content(), file.readAt()));
      } // Else nothing of it is in force, or it is one file that is looked at by itself.
    }
    lastGood.save(texts);
  }
}
