package dev.weir.sidecar.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuQuotaTest {
  @TempDir private Path cgroup;

  @Test
  void quotaOfVersion2IsRoundedUp() throws IOException {
    Files.writeString(cgroup.resolve("cpu.max"), "250000 100000\n");
    assertEquals(OptionalInt.of(3), CpuQuota.read(cgroup));
  }

  @Test
  void noLimitIsNoQuota() throws IOException {
    Files.writeString(cgroup.resolve("cpu.max"), "max 100000\n");
    assertEquals(OptionalInt.empty(), CpuQuota.read(cgroup));
  }

  @Test
  void quotaOfVersion1CountsAsOneCpuAtLeast() throws IOException {
    Files.createDirectories(cgroup.resolve("cpu"));
    Files.writeString(cgroup.resolve("cpu/cpu.cfs_quota_us"), "20000\n");
    Files.writeString(cgroup.resolve("cpu/cpu.cfs_period_us"), "100000\n");
    assertEquals(OptionalInt.of(1), CpuQuota.read(cgroup));
  }

  @Test
  void damagedFileIsNoQuota() throws IOException {
    Files.writeString(cgroup.resolve("cpu.max"), "a lot\n");
    assertEquals(OptionalInt.empty(), CpuQuota.read(cgroup));
  }

  @Test
  void theTimeOfThrottlingIsReadOfBothVersions() throws IOException {
    assertEquals(0, CpuQuota.throttledMicros(cgroup));
    Files.createDirectories(cgroup.resolve("cpu"));
    Files.writeString(
        cgroup.resolve("cpu/cpu.stat"), "nr_periods 4\nnr_throttled 2\nthrottled_time 1500000\n");
    assertEquals(1500, CpuQuota.throttledMicros(cgroup));
    Files.writeString(cgroup.resolve("cpu.stat"), "usage_usec 9\nthrottled_usec 7000\n");
    assertEquals(7000, CpuQuota.throttledMicros(cgroup));
  }
}
