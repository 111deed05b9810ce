package dev.weir.sidecar.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says whether a file is another one than when it was looked at last: moved in, or at the end of
 * another link, as when Kubernetes renews a volume. One that is written in place is taken once
 * nothing was written to it between two looks; with a watched directory it is asked alone, as in
 * Envoy. By attributes and not by the kernel's notifications, which some file systems do not send.
 * One thread at a time.
 */
public final class WatchedFile {
  /** What a look has found. */
  public enum Look {
    SAME,
    /** Written in place since the last look, and perhaps not to its end: to be looked at again. */
    BEING_WRITTEN,
    /** To be read anew. */
    ANOTHER
  }

  private final Path file;
  private final Optional<Path> directory;
  private @Nullable Stamp taken;
  private @Nullable Stamp seen;
  private boolean first = true;

  /** What tells one file from another; {@code key} is where it is on its device. */
  private record Stamp(@Nullable Object key, FileTime modified, long size) {}

  /**
   * @param directory asked in place of the file; empty for none
   */
  public WatchedFile(Path file, Optional<Path> directory) {
    this.file = file;
    this.directory = directory;
  }

  /** {@link Look#ANOTHER} at first. */
  public Look look() {
    Stamp now = stamp(directory.orElse(file));
    Stamp before = taken;
    Stamp last = seen;
    seen = now;
    if (!first && Objects.equals(now, before)) {
      return Look.SAME;
    }
    if (!first && directory.isEmpty() && isInPlace(now, before) && !Objects.equals(now, last)) {
      return Look.BEING_WRITTEN; // still, for all we know
    }
    first = false;
    taken = now;
    return Look.ANOTHER;
  }

  private static boolean isInPlace(@Nullable Stamp now, @Nullable Stamp before) {
    return now != null && before != null && Objects.equals(now.key(), before.key());
  }

  private static @Nullable Stamp stamp(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return new Stamp(attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
    } catch (IOException e) {
      return null; // reading it says why
    }
  }
}
