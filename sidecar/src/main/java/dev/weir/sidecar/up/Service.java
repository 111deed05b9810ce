package dev.weir.sidecar.up;

import dev.weir.sidecar.member.RestartPolicy;
import dev.weir.sidecar.run.PublishedPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A service as {@code weir.yaml} has it.
 *
 * @param name as the mesh knows it
 * @param dependsOn whom it waits for, and until when
 */
record Service(
    String name,
    List<String> command,
    Path workingDir,
    Map<String, String> environment,
    List<PublishedPort> ports,
    Map<String, Condition> dependsOn,
    RestartPolicy restart,
    Duration stopGrace,
    int replicas) {
  /** Until when a service is waited for. */
  enum Condition {
    /** It runs. */
    STARTED,
    /** The mesh sends it requests: one of its ports accepts. */
    HEALTHY
  }

  Service {
    command = List.copyOf(command);
    environment = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    ports = List.copyOf(ports);
    dependsOn = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(dependsOn));
  }
}
