package dev.weir.sidecar.up;

import dev.weir.sidecar.member.RestartPolicy;
import dev.weir.sidecar.run.PublishedPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

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
    STARTED("has not started"),
    /** The mesh sends it requests: one of its ports accepts. */
    HEALTHY("is not ready"),
    /** Each of its instances has ended with status 0. */
    COMPLETED("has not ended");

    private final String lacking;

    Condition(String lacking) {
      this.lacking = lacking;
    }

    /** What is to be said of a service that is waited for. */
    String lacking() {
      return lacking;
    }
  }

  Service {
    command = List.copyOf(command);
    environment = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    ports = List.copyOf(ports);
    dependsOn = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(dependsOn));
  }

  /** The names of its instances. */
  List<String> instances() {
    return IntStream.rangeClosed(1, replicas).mapToObj(this::instance).toList();
  }

  /** The name of one, from 1 on. */
  String instance(int index) {
    return shortName() + "-" + index;
  }

  /** Its name without the namespace, by which its instances are called. */
  String shortName() {
    return name.substring(name.indexOf('/') + 1);
  }
}
