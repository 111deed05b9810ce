package dev.weir.control.source.file;

import dev.weir.control.source.file.FileVersion.Fingerprint;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.DocumentReader;
import dev.weir.control.source.resource.Resource;
import dev.weir.protos.Location;
import dev.weir.protos.Problem;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the YAML and JSON files of a folder and the folders in it; hidden ones are left out. */
final class Folder {
  static final int MAX_FILES = 10_000;
  static final int MAX_FILE_BYTES = 4 << 20;
  private static final int MAX_DEPTH = 8;

  private final Path root;
  private final Clock clock;

  Folder(Path root, Clock clock) {
    this.root = root;
    this.clock = clock;
  }

  /**
   * Every file there is, by name; those that did not change since {@code before} are not read
   * again.
   *
   * @throws IOException when the folder itself cannot be read
   */
  SortedMap<String, FileVersion> read(Map<String, FileVersion> before) throws IOException {
    SortedMap<String, FileVersion> versions = new TreeMap<>();
    for (Path file : files()) {
      String name = file.toString();
      FileVersion version = read(file, name, before.get(name));
      if (version != null) {
        versions.put(name, version);
      }
    }
    return versions;
  }

  /** The folder and the folders in it, to watch. */
  List<Path> folders() throws IOException {
    return find(Files::isDirectory);
  }

  private List<Path> files() throws IOException {
    return find(path -> wanted(path) && Files.isRegularFile(path));
  }

  private List<Path> find(Predicate<Path> wanted) throws IOException {
    try (Stream<Path> walk = Files.walk(root, MAX_DEPTH, FileVisitOption.FOLLOW_LINKS)) {
      List<Path> found =
          walk.filter(this::visible).filter(wanted).limit(MAX_FILES + 1L).sorted().toList();
      if (found.size() > MAX_FILES) {
        throw new IOException("it has more than " + MAX_FILES + " files");
      }
      return found;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private boolean visible(Path path) {
    for (Path part : root.relativize(path)) {
      if (part.toString().startsWith(".")) {
        return false;
      }
    }
    return true;
  }

  private static boolean wanted(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
  }

  /** Null when the file went away meanwhile. */
  private @Nullable FileVersion read(Path file, String name, @Nullable FileVersion before) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      Object key = attributes.fileKey();
      Fingerprint fingerprint =
          new Fingerprint(
              attributes.lastModifiedTime(), attributes.size(), key == null ? name : key);
      if (before != null && before.settled() && before.fingerprint().equals(fingerprint)) {
        return before;
      }
      if (attributes.size() > MAX_FILE_BYTES) {
        return unreadable(name, fingerprint, "larger than " + MAX_FILE_BYTES + " bytes; part it");
      }
      return parse(name, fingerprint, file, before);
    } catch (NoSuchFileException gone) {
      return null;
    } catch (IOException e) {
      return unreadable(
          name, new Fingerprint(FileTime.fromMillis(0), -1, name), "cannot be read: " + e);
    }
  }

  private FileVersion parse(
      String name, Fingerprint fingerprint, Path file, @Nullable FileVersion before)
      throws IOException {
    String text;
    try {
      text = Files.readString(file);
    } catch (CharacterCodingException e) {
      return unreadable(name, fingerprint, "is not UTF-8");
    }
    return before != null && before.contentHash() == text.hashCode()
        ? before.with(fingerprint)
        : parse(name, fingerprint, text);
  }

  private FileVersion parse(String name, Fingerprint fingerprint, String text) {
    YamlFile yaml = YamlReader.read(name, text);
    List<Finding> findings = new ArrayList<>();
    for (Problem problem : yaml.problems()) {
      findings.add(Finding.error(problem.at(), "", problem.field(), problem.message()));
    }
    DocumentReader reader = new DocumentReader(findings);
    List<Resource> resources = new ArrayList<>();
    for (YamlNode document : yaml.documents()) {
      resources.addAll(reader.read(document));
    }
    return new FileVersion(
        name, fingerprint, text.hashCode(), clock.instant(), resources, findings);
  }

  private FileVersion unreadable(String name, Fingerprint fingerprint, String why) {
    return new FileVersion(
        name,
        fingerprint,
        why.hashCode(),
        clock.instant(),
        List.of(),
        List.of(Finding.error(new Location(name, 1, 1), "", "", why)));
  }
}
