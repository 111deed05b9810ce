package dev.weir.sidecar.profile;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.EventType;

/**
 * What is recorded: a list of what may be, since the recorder knows events that have the process's
 * arguments, variables and system properties, other processes' command lines, names of files and
 * hosts, and messages of exceptions.
 */
final class Events {
  /** By their periods, thresholds and rates. */
  private static final Map<String, Map<String, String>> WANTED =
      Map.ofEntries(
          Map.entry("jdk.ExecutionSample", Map.of("period", "10 ms")),
          Map.entry("jdk.NativeMethodSample", Map.of("period", "20 ms")),
          Map.entry("jdk.ObjectAllocationSample", stacked("throttle", "150/s")),
          Map.entry("jdk.JavaMonitorEnter", stacked("threshold", "5 ms")),
          Map.entry("jdk.ThreadPark", stacked("threshold", "20 ms")),
          Map.entry("jdk.VirtualThreadPinned", stacked("threshold", "5 ms")),
          Map.entry("jdk.ExecuteVMOperation", Map.of("threshold", "5 ms")),
          Map.entry("jdk.Compilation", Map.of("threshold", "50 ms")),
          Map.entry("jdk.CPULoad", Map.of("period", "1 s")),
          Map.entry("jdk.ThreadCPULoad", Map.of("period", "5 s")),
          Map.entry("jdk.ThreadContextSwitchRate", Map.of("period", "5 s")),
          Map.entry("jdk.ResidentSetSize", Map.of("period", "1 s")),
          Map.entry("jdk.ContainerCPUThrottling", Map.of("period", "5 s")),
          Map.entry("jdk.ContainerCPUUsage", Map.of("period", "5 s")),
          Map.entry("jdk.ContainerMemoryUsage", Map.of("period", "5 s")),
          Map.entry("jdk.ContainerConfiguration", Map.of()),
          Map.entry("jdk.PhysicalMemory", Map.of("period", "endChunk")),
          Map.entry("jdk.CPUInformation", Map.of("period", "beginChunk")),
          Map.entry("jdk.GCConfiguration", Map.of("period", "beginChunk")),
          Map.entry("jdk.GCHeapConfiguration", Map.of("period", "beginChunk")),
          Map.entry("jdk.CompilerConfiguration", Map.of("period", "beginChunk")),
          Map.entry("jdk.CompilerStatistics", Map.of("period", "5 s")),
          Map.entry("jdk.CodeCacheStatistics", Map.of("period", "5 s")),
          Map.entry("jdk.ClassLoadingStatistics", Map.of("period", "5 s")),
          Map.entry("jdk.ExceptionStatistics", Map.of("period", "5 s")),
          Map.entry("jdk.JavaThreadStatistics", Map.of("period", "5 s")),
          Map.entry("jdk.GarbageCollection", Map.of("threshold", "0 ms")),
          Map.entry("jdk.YoungGarbageCollection", Map.of("threshold", "0 ms")),
          Map.entry("jdk.OldGarbageCollection", Map.of("threshold", "0 ms")),
          Map.entry("jdk.GCPhasePause", Map.of("threshold", "0 ms")),
          Map.entry("jdk.GCHeapSummary", Map.of()),
          Map.entry("jdk.MetaspaceSummary", Map.of()));

  static final String OBJECTS = "jdk.ObjectCount";

  private Events() {}

  private static Map<String, String> stacked(String setting, String value) {
    return Map.of(setting, value, "stackTrace", "true");
  }

  /**
   * For a recording of where time and memory go.
   *
   * @param known what the recorder knows; all but what is wanted is off
   */
  static Map<String, String> ofTime(List<EventType> known) {
    return settings(known, WANTED);
  }

  /** For one look at the heap, when the recording ends. */
  static Map<String, String> ofHeap(List<EventType> known) {
    return settings(known, Map.of(OBJECTS, Map.of("period", "endChunk")));
  }

  private static Map<String, String> settings(
      List<EventType> known, Map<String, Map<String, String>> wanted) {
    Map<String, String> settings = new HashMap<>();
    known.forEach(type -> settings.put(type.getName() + "#enabled", "false"));
    wanted.forEach((name, values) -> {
      settings.put(name + "#enabled", "true");
      values.forEach((setting, value) -> settings.put(name + "#" + setting, value));
    });
    return settings;
  }
}
