package dev.weir.sidecar.admin;

import dev.weir.sidecar.format.Json;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code /memory}: Envoy's words for what a JVM has of it, all in bytes, as texts like Envoy's.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/admin/v3/memory.proto
 */
final class MemoryPage {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final long BYTES_PER_KIB = 1024;

  private MemoryPage() {}

  static String json() {
    Runtime runtime = Runtime.getRuntime();
    long direct = Math.max(0, PlatformDependent.usedDirectMemory());
    Map<String, Object> memory = new LinkedHashMap<>();
    put(memory, "allocated", runtime.totalMemory() - runtime.freeMemory() + direct);
    put(memory, "heap_size", runtime.totalMemory());
    put(memory, "pageheap_free", runtime.freeMemory());
    put(memory, "max_heap_size", runtime.maxMemory());
    put(memory, "direct", direct);
    put(memory, "max_direct", PlatformDependent.maxDirectMemory());
    put(memory, "total_physical_bytes", resident());
    return Json.write(memory) + "\n";
  }

  private static void put(Map<String, Object> memory, String name, long bytes) {
    memory.put(name, Long.toString(bytes));
  }

  /** 0 where the system does not say. */
  private static long resident() {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(RESIDENT))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * BYTES_PER_KIB)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0; // no such file: not Linux
    }
  }
}
