package dev.weir.sidecar.xds;

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
final class WatchedFile {
  private final Path file;
  private final Optional<Path> directory;
  private @Nullable Stamp taken;
  private @Nullable Stamp seen;
  private boolean first = true;

  /** What tells one file from another; {@code key} is where it is on its device. */
  private record Stamp(@Nullable Object key, FileTime modified, long size) {}

  WatchedFile(Path file, Optional<Path> directory) {
    this.file = file;
    this.directory = directory;
  }

  /** True at first, and whenever it is to be read anew. */
  boolean changed() {
    Stamp now = stamp(directory.orElse(file));
    Stamp before = taken;
    Stamp last = seen;
    seen = now;
    if (first) {
      first = false;
      taken = now;
      return true;
    }
    if (Objects.equals(now, before)) {
      return false;
    }
    if (directory.isEmpty() && isInPlace(now, before) && !Objects.equals(now, last)) {
      return false; // still being written, for all we know
    }
    taken = now;
    return true;
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
