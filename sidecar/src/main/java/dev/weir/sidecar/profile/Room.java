package dev.weir.sidecar.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether there is room for a recording. The flight recorder ends the process where it cannot
 * write, and the kernel does where a container's memory is used up: neither is worth a profile.
 */
final class Room {
  /** Of a folder, before a recording begins, and of which a part is left while it runs. */
  static final long FOLDER_BYTES = 48L << 20;

  static final long FLOOR_BYTES = 16L << 20;

  /** What the recorder takes for itself, measured: docs/measured.md. */
  static final long MEMORY_BYTES = 24L << 20;

  /** Where a container's root cannot be written to, this can. */
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  private static final String TEMPORARY = "java.io.tmpdir";
  private static final String REPOSITORY = "jdk.jfr.repository";
  private static final Path CGROUP = Path.of("/sys/fs/cgroup");

  private Room() {}

  /** Where the recorder is to write, before it has begun to; empty: nowhere. */
  static Optional<Path> folder() {
    return Stream.of(Path.of(System.getProperty(TEMPORARY, "/tmp")), SHARED_MEMORY)
        .filter(folder ->
            Files.isDirectory(folder) && Files.isWritable(folder) && usable(folder) >= FOLDER_BYTES)
        .findFirst();
  }

  /** Where the recorder writes, once it has. */
  static Optional<Path> repository() {
    return Optional.ofNullable(System.getProperty(REPOSITORY)).map(Path::of);
  }

  /** Bytes that files of a folder may take; 0 if it cannot be told. */
  static long usable(Path folder) {
    try {
      Path there = Files.exists(folder) ? folder : folder.toAbsolutePath().getParent();
      return there == null ? 0 : Files.getFileStore(there).getUsableSpace();
    } catch (IOException e) {
      return 0;
    }
  }

  /** What the files of a folder take. */
  static long used(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      return 0; // it is not there yet
    }
  }

  /** Bytes that the container may still have; without a limit there are plenty. */
  static long memory() {
    return memory(CGROUP);
  }

  static long memory(Path cgroup) {
    for (String[] names :
        new String[][] {
          {"memory.max", "memory.current"},
          {"memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"}
        }) {
      Optional<Long> most = number(cgroup.resolve(names[0]));
      Optional<Long> now = number(cgroup.resolve(names[1]));
      if (most.isPresent() && now.isPresent()) {
        // What is cached of files is given back first.
        return most.get() - now.get() + cached(cgroup);
      }
    }
    return Long.MAX_VALUE;
  }

  private static long cached(Path cgroup) {
    try {
      return Files.readAllLines(cgroup.resolve("memory.stat")).stream()
          .filter(line -> line.startsWith("inactive_file "))
          .mapToLong(line -> Long.parseLong(line.substring("inactive_file ".length()).strip()))
          .sum();
    } catch (IOException | NumberFormatException e) {
      return 0; // then all of it counts
    }
  }

  private static Optional<Long> number(Path file) {
    try {
      return Optional.of(Long.valueOf(Files.readString(file).strip()));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty(); // there is none, or it is "max"
    }
  }
}
