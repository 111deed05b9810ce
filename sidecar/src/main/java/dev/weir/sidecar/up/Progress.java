package dev.weir.sidecar.up;

import dev.weir.cli.mesh.MeshFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Where instances are on their way, as far as it can be told. Any thread. */
final class Progress {
  private static final String SILENT = "the control plane does not answer";
  private static final String NOT_CONNECTED = "its sidecar is not connected to the control plane";

  private final MeshFolder mesh;

  Progress(MeshFolder mesh) {
    this.mesh = mesh;
  }

  /** How far an instance is. */
  enum Stage {
    /** Its sidecar is not ready. */
    STARTING,
    NOT_READY,
    READY,
    /** The control plane, which would know, does not say it. */
    UNKNOWN
  }

  /**
   * Where an instance is.
   *
   * @param text for people
   */
  record State(Stage stage, String text) {
    static final State STARTING = new State(Stage.STARTING, "starting");
    static final State NOT_READY = new State(Stage.NOT_READY, "not ready");
    static final State READY = new State(Stage.READY, "ready");
  }

  /** One that was ready is taken to be as long as the control plane does not say otherwise. */
  State of(Instance instance) {
    State state = look(instance);
    if (state.stage() != Stage.UNKNOWN) {
      instance.seen(state.stage() == Stage.READY);
      return state;
    }
    return instance.seenReady()
        ? new State(Stage.READY, "ready when last asked: " + state.text())
        : new State(Stage.UNKNOWN, "unknown: " + state.text());
  }

  /** Of all at a time: each may take its time. */
  Map<Instance, State> of(Collection<Instance> instances) throws InterruptedException {
    Map<Instance, State> states = new ConcurrentHashMap<>();
    List<Thread> looks = new ArrayList<>();
    for (Instance instance : instances) {
      looks.add(
          Thread.ofVirtual().name(instance.name()).start(() -> states.put(instance, of(instance))));
    }
    for (Thread look : looks) {
      look.join();
    }
    return states;
  }

  private State look(Instance instance) {
    Optional<MeshFolder.Member> member = member(instance);
    if (member.isEmpty() || !member.get().open()) {
      return State.STARTING;
    }
    try {
      return told(member.get());
    } catch (IOException e) {
      return new State(Stage.UNKNOWN, SILENT);
    }
  }

  private static State told(MeshFolder.Member member) throws IOException {
    List<ControlPlanePages.Proxy> proxies =
        ControlPlanePages.proxies(member.controlPlane("/proxies"));
    for (ControlPlanePages.Proxy proxy : proxies) {
      if (proxy.node().equals(member.name())) {
        boolean served =
            !proxy.readyPorts().isEmpty()
                || !ControlPlanePages.hasPorts(member.controlPlane("/services"), proxy.service());
        return served && proxy.inSync() ? State.READY : State.NOT_READY;
      }
    }
    return new State(Stage.UNKNOWN, NOT_CONNECTED);
  }

  /** While the mesh's folder comes, or goes, it has none. */
  private Optional<MeshFolder.Member> member(Instance instance) {
    try {
      return mesh.members().stream().filter(member -> member.pid() == instance.pid()).findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
