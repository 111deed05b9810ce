package dev.weir.control.source.file;

import dev.weir.control.source.file.FileVersion.Fingerprint;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.DocumentReader;
import dev.weir.control.source.resource.Resource;
import dev.weir.protos.Location;
import dev.weir.protos.Problem;
import dev.weir.protos.yaml.TextFile;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlNode;
import dev.weir.protos.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the YAML and JSON files of a folder and the folders in it; hidden ones are left out. */
final class Folder {
  static final int MAX_FILE_BYTES = 4 << 20;

  /** Who writes something anew may have emptied it first; after so long it is believed. */
  private static final Duration DOUBT = Duration.ofSeconds(2);

  private final Path root;
  private final Clock clock;

  /** What is without the resources that are in force, files, or the root, and since which look. */
  private Map<String, Instant> emptied = Map.of();

  private final Map<String, Instant> emptiedNow = new HashMap<>();

  Folder(Path root, Clock clock) {
    this.root = root;
    this.clock = clock;
  }

  /**
   * Every file there is, by name; those that did not change since {@code before} are not read
   * again, and what is in a folder that cannot be read now is as it was. A folder without any file
   * is believed after a while, as an emptied file is.
   *
   * @throws IOException when the folder itself cannot be read
   */
  SortedMap<String, FileVersion> read(Map<String, FileVersion> before) throws IOException {
    SortedMap<String, FileVersion> versions = new TreeMap<>();
    Walk walk = Walk.of(root);
    emptied = Map.copyOf(emptiedNow);
    emptiedNow.clear();
    for (Path file : walk.files()) {
      String name = file.toString();
      FileVersion version = read(file, name, before.get(name));
      if (version != null) {
        versions.put(name, version);
      }
    }
    walk.unreadable()
        .forEach((path, why) -> {
          String name = path.toString();
          versions.put(
              name, unreadable(name, Fingerprint.NONE, clock.instant(), why, before.get(name)));
          before.forEach((below, version) -> {
            if (below.startsWith(name + "/")) {
              versions.putIfAbsent(below, version);
            }
          });
        });
    return versions.isEmpty() && !before.isEmpty() && doubtful(root.toString())
        ? new TreeMap<>(before)
        : versions;
  }

  /** Null when the file went away meanwhile. */
  private @Nullable FileVersion read(Path file, String name, @Nullable FileVersion before) {
    Instant now = clock.instant(); // before it is looked at: what is written meanwhile is later
    try {
      Fingerprint fingerprint = Fingerprint.of(file);
      if (before != null && before.settled() && before.fingerprint().equals(fingerprint)) {
        return before;
      }
      if (fingerprint.size() > MAX_FILE_BYTES) {
        return unreadable(
            name, fingerprint, now, "larger than " + MAX_FILE_BYTES + " bytes; part it", before);
      }
      return parse(name, fingerprint, now, file, before);
    } catch (RuntimeException mistake) {
      // Ours or a library's: it costs this file, and is told with it.
      return unreadable(
          name,
          Fingerprint.NONE,
          now,
          "cannot be read, by a mistake of Weir's: " + mistake,
          before);
    } catch (NoSuchFileException gone) {
      return null;
    } catch (IOException e) {
      return unreadable(name, Fingerprint.NONE, now, "cannot be read: " + e, before);
    }
  }

  private FileVersion parse(
      String name, Fingerprint fingerprint, Instant now, Path file, @Nullable FileVersion before)
      throws IOException {
    String text;
    try {
      text = TextFile.read(file);
    } catch (TextFile.NotUtf8 e) {
      Location at = new Location(name, e.line(), 1);
      return unreadable(at, fingerprint, now, "is not UTF-8", before);
    }
    if (before != null && before.content().equals(text)) {
      return before.with(fingerprint, now);
    }
    FileVersion version = parse(name, fingerprint, text, now);
    return before != null && doubtful(version, before) ? before : version;
  }

  private boolean doubtful(FileVersion version, FileVersion before) {
    return version.resources().isEmpty()
        && version.right()
        && !before.resources().isEmpty()
        && doubtful(version.name());
  }

  private boolean doubtful(String name) {
    Instant now = clock.instant();
    Instant since = emptied.getOrDefault(name, now);
    emptiedNow.put(name, since);
    return Duration.between(since, now).compareTo(DOUBT) < 0;
  }

  /** The version of a text that was read before, at {@code readAt}. */
  FileVersion restored(String name, String text, Instant readAt) {
    return parse(name, Fingerprint.NONE, text, readAt);
  }

  private FileVersion parse(String name, Fingerprint fingerprint, String text, Instant readAt) {
    YamlFile yaml = YamlReader.readKubernetes(name, text);
    List<Finding> findings = new ArrayList<>();
    for (Problem problem : yaml.problems()) {
      findings.add(Finding.error(problem.at(), "", problem.field(), problem.message()));
    }
    DocumentReader reader = new DocumentReader(findings);
    List<Resource> resources = new ArrayList<>();
    for (YamlNode document : yaml.documents()) {
      resources.addAll(reader.read(document));
    }
    return new FileVersion(name, fingerprint, text, readAt, readAt, resources, findings);
  }

  private FileVersion unreadable(
      String name, Fingerprint fingerprint, Instant now, String why, @Nullable FileVersion before) {
    return unreadable(new Location(name, 1, 1), fingerprint, now, why, before);
  }

  private FileVersion unreadable(
      Location at, Fingerprint fingerprint, Instant now, String why, @Nullable FileVersion before) {
    Finding finding = Finding.error(at, "", "", why);
    if (before != null && before.findings().equals(List.of(finding))) {
      return before.with(fingerprint, now);
    }
    return new FileVersion(at.file(), fingerprint, why, now, now, List.of(), List.of(finding));
  }
}
