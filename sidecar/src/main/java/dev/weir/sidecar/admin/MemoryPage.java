package dev.weir.sidecar.admin;

import dev.weir.sidecar.format.Json;
import dev.weir.sidecar.runtime.ResidentMemory;
import io.netty.util.internal.PlatformDependent;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code /memory}: Envoy's words for what a JVM has of it, all in bytes, as texts like Envoy's.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/api-v3/admin/v3/memory.proto
 */
final class MemoryPage {
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
    put(memory, "total_physical_bytes", ResidentMemory.bytes());
    return Json.write(memory) + "\n";
  }

  private static void put(Map<String, Object> memory, String name, long bytes) {
    memory.put(name, Long.toString(bytes));
  }
}
