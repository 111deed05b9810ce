package dev.weir.control.source.file;

import dev.weir.control.source.Unit;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file as it was read once: the resources that are right, and what is wrong with the others.
 *
 * @param content its text, or why it could not be read
 * @param readAt when it first was
 * @param lookedAt when its fingerprint was taken
 */
record FileVersion(
    String name,
    Fingerprint fingerprint,
    String content,
    Instant readAt,
    Instant lookedAt,
    List<Resource> resources,
    List<Finding> findings)
    implements Unit {
  private static final Duration TICK = Duration.ofSeconds(1);

  FileVersion {
    resources = List.copyOf(resources);
    findings = List.copyOf(findings);
  }

  @Override
  public boolean same(@Nullable Unit other) {
    return other instanceof FileVersion file
        && name.equals(file.name)
        && content.equals(file.content);
  }

  /** A file that was just written may be written again within the same tick of its clock. */
  boolean settled() {
    return lookedAt.isAfter(fingerprint.changed().toInstant().plus(TICK));
  }

  /** The same content under another fingerprint. */
  FileVersion with(Fingerprint other, Instant takenAt) {
    return new FileVersion(name, other, content, readAt, takenAt, resources, findings);
  }

  /**
   * Whether a file needs to be read again.
   *
   * @param changed when anything of it was last, which nobody can set, as some set back when it was
   *     modified; where the file system does not say, when it was modified
   * @param key of the file that has the name now
   */
  record Fingerprint(FileTime changed, FileTime modified, long size, Object key) {
    /** Of what cannot be looked at: it is not that of any file. */
    static final Fingerprint NONE =
        new Fingerprint(FileTime.fromMillis(0), FileTime.fromMillis(0), -1, "");

    static Fingerprint of(Path file) throws IOException {
      boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
      BasicFileAttributes basic = Files.readAttributes(file, BasicFileAttributes.class);
      Object key = basic.fileKey();
      return new Fingerprint(
          unix ? (FileTime) Files.getAttribute(file, "unix:ctime") : basic.lastModifiedTime(),
          basic.lastModifiedTime(),
          basic.size(),
          key == null ? file.toString() : key);
    }
  }
}
