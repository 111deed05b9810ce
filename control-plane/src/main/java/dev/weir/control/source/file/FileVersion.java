package dev.weir.control.source.file;

import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.resource.Resource;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file as it was read once: the resources that are right, and what is wrong with the others. */
record FileVersion(
    String name,
    Fingerprint fingerprint,
    Instant readAt,
    List<Resource> resources,
    List<Finding> findings) {
  FileVersion {
    resources = List.copyOf(resources);
    findings = List.copyOf(findings);
  }

  boolean right() {
    return findings.stream().noneMatch(Finding::isError);
  }

  /** Whether {@code other} is of the same reading. */
  boolean same(@Nullable FileVersion other) {
    return other != null
        && name.equals(other.name)
        && readAt.equals(other.readAt)
        && fingerprint.equals(other.fingerprint);
  }

  /** Whether a file needs to be read again. */
  record Fingerprint(FileTime modified, long size, Object key) {}
}
