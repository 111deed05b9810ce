package dev.weir.control.source.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One look at what is in a folder and the folders in it. What is hidden is not entered, and what
 * cannot be read costs nothing but itself.
 */
final class Walk implements FileVisitor<Path> {
  private static final String PROJECT = "weir.yaml";
  private static final int MOST_LINES = 10_000;

  private static final int MAX_FILES = 10_000;
  private static final int MAX_DEPTH = 8;

  private final Path root;
  private final List<Path> files = new ArrayList<>();
  private final List<Path> folders = new ArrayList<>();
  private final SortedMap<Path, String> unreadable = new TreeMap<>();

  private Walk(Path root) {
    this.root = root;
  }

  /**
   * Follows links.
   *
   * @throws IOException when the folder itself cannot be read, or has too much in it
   */
  static Walk of(Path root) throws IOException {
    Walk walk = new Walk(root);
    Files.walkFileTree(root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), MAX_DEPTH, walk);
    return walk;
  }

  /** The files to read, by name. */
  List<Path> files() {
    return files.stream().sorted().toList();
  }

  List<Path> folders() {
    return folders;
  }

  /** What could not be looked into, files and folders, with the reason. */
  SortedMap<Path, String> unreadable() {
    return unreadable;
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
    if (hidden(folder)) {
      return FileVisitResult.SKIP_SUBTREE;
    }
    folders.add(folder);
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    if (hidden(file)) {
      return FileVisitResult.CONTINUE;
    }
    if (attributes.isSymbolicLink()) {
      // It was not followed, so it leads nowhere; whether to a file or a folder, nobody knows.
      unreadable.put(file, "is a link to what cannot be read; mend it or remove it");
    } else if (wanted(file)) {
      if (attributes.isRegularFile()) {
        files.add(file);
      } else {
        unreadable.put(file, "is neither a file nor a folder; remove it");
      }
    }
    if (files.size() + unreadable.size() > MAX_FILES) {
      throw new IOException("it has more than " + MAX_FILES + " files");
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path path, IOException why) throws IOException {
    if (path.equals(root)) {
      throw why;
    }
    if (!hidden(path) && !(why instanceof NoSuchFileException)) {
      unreadable.put(
          path,
          why instanceof FileSystemLoopException
              ? "is a link to a folder that it is in; remove it"
              : "cannot be read: " + why);
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException why)
      throws IOException {
    return why == null ? FileVisitResult.CONTINUE : visitFileFailed(folder, why);
  }

  private boolean hidden(Path path) {
    return !path.equals(root) && path.getFileName().toString().startsWith(".");
  }

  private boolean wanted(Path file) {
    if (file.endsWith(PROJECT) && hasServices(file)) {
      return false;
    }
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
  }

  /** What {@code weir up} reads is no resource; one of that name which is, is read. */
  private static boolean hasServices(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.limit(MOST_LINES).anyMatch(line -> line.startsWith("services:"));
    } catch (IOException | UncheckedIOException e) {
      return false; // who reads it says what is wrong
    }
  }
}
