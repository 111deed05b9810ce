package dev.weir.control.source.file;

import dev.weir.control.source.Unit;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.Resource;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file as it was read once: the resources that are right, and what is wrong with the others.
 *
 * @param content its text, or why it could not be read
 */
record FileVersion(
    String name,
    Fingerprint fingerprint,
    String content,
    Instant readAt,
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
    return readAt.isAfter(fingerprint.modified().toInstant().plus(TICK));
  }

  /** The same content under another fingerprint. */
  FileVersion with(Fingerprint other) {
    return new FileVersion(name, other, content, readAt, resources, findings);
  }

  /** Whether a file needs to be read again. */
  record Fingerprint(FileTime modified, long size, Object key) {}
}
