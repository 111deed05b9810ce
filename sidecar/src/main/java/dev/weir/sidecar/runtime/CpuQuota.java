package dev.weir.sidecar.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** The CPU quota of this process's cgroup, version 2 or 1. */
public final class CpuQuota {
  private CpuQuota() {}

  /** Whole CPUs, rounded up; empty if there is no quota, or none can be read. */
  public static OptionalInt cpus() {
    return read(Path.of("/sys/fs/cgroup"));
  }

  static OptionalInt read(Path cgroup) {
    try {
      Path v2 = cgroup.resolve("cpu.max");
      if (Files.isReadable(v2)) {
        String[] parts = Files.readString(v2).strip().split("\\s+");
        return parts.length == 2 && !parts[0].equals("max")
            ? ratio(parts[0], parts[1])
            : OptionalInt.empty();
      }
      Path quota = cgroup.resolve("cpu/cpu.cfs_quota_us");
      Path period = cgroup.resolve("cpu/cpu.cfs_period_us");
      if (Files.isReadable(quota) && Files.isReadable(period)) {
        return ratio(Files.readString(quota).strip(), Files.readString(period).strip());
      }
    } catch (IOException | NumberFormatException e) {
      // No quota that can be told is as good as none: the number of loops is a default.
      return OptionalInt.empty();
    }
    return OptionalInt.empty();
  }

  /**
   * For how long the process was kept from running because its quota was used up, since its cgroup
   * is there, in microseconds; 0 if there is no quota, or it cannot be read.
   */
  public static long throttledMicros() {
    return throttledMicros(Path.of("/sys/fs/cgroup"));
  }

  static long throttledMicros(Path cgroup) {
    long micros = value(cgroup.resolve("cpu.stat"), "throttled_usec ");
    long nanos = value(cgroup.resolve("cpu/cpu.stat"), "throttled_time ");
    return Math.max(micros, nanos / 1000);
  }

  private static long value(Path file, String name) {
    try {
      List<String> lines = Files.isReadable(file) ? Files.readAllLines(file) : List.of();
      return lines.stream()
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.substring(name.length()).strip()))
          .findFirst()
          .orElse(0);
    } catch (IOException | NumberFormatException e) {
      return 0; // as where there is no quota: it is told for what it is worth
    }
  }

  private static OptionalInt ratio(String quota, String period) {
    long micros = Long.parseLong(quota);
    return micros <= 0
        ? OptionalInt.empty()
        : OptionalInt.of((int) Math.max(1, Math.ceilDiv(micros, Long.parseLong(period))));
  }
}
