package dev.weir.sidecar.member;

import dev.weir.sidecar.intercept.DefaultRules;
import dev.weir.sidecar.member.names.NameServer;
import dev.weir.sidecar.member.names.PortGuard;
import dev.weir.sidecar.member.names.Service;
import dev.weir.sidecar.member.names.ServiceWatch;
import dev.weir.sidecar.member.names.Services;
import dev.weir.sidecar.member.system.Hostname;
import dev.weir.sidecar.member.system.Leftovers;
import dev.weir.sidecar.member.system.Posix;
import dev.weir.sidecar.member.system.Sign;
import dev.weir.sidecar.member.system.Signals;
import dev.weir.sidecar.member.system.Spawn;
import dev.weir.sidecar.member.system.Terminal;
import dev.weir.sidecar.runtime.Clock;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A member from its start to its end. Main thread, but for {@link #told}. */
final class Member {
  private static final Path HOSTS = Path.of("/etc/hosts");
  private static final int LOCK_OF_MESH = 6;
  private static final int LOCK_OF_MEMBER = 7;
  private static final int SIDECAR_SECONDS = 10;
  private static final int READY_SECONDS = 60;
  private static final int REFUSED_SECONDS = 10;
  private static final int READY_POLL_MILLIS = 50;
  private static final int WATCH_MILLIS = 500;

  private final Arguments arguments;
  private final Output output;
  private final Events.Queue events = new Events.Queue();
  private @Nullable SidecarProcess sidecar;
  private @Nullable Terminal terminal;
  private List<Integer> targets = List.of();
  private Set<Integer> ownPorts = Set.of();
  private boolean supervised;
  private boolean ended;

  /**
   * @param err where what is not the app's is said
   */
  Member(Arguments arguments, PrintStream err) {
    this.arguments = arguments;
    output = new Output(err, arguments.name(), arguments.shown());
  }

  /**
   * @return its status
   */
  int run() throws InterruptedException {
    Signals.to(this::told);
    arguments.parent().ifPresent(this::watchParent);
    int status = 1;
    try {
      status = live();
    } catch (IOException | IllegalArgumentException e) {
      failed(e);
    }
    end();
    return status;
  }

  /** What fails while a signal ends it all fails by that: it is waited for here, and ends this. */
  private synchronized void failed(Exception e) {
    output.say(e.getMessage());
  }

  private int live() throws IOException, InterruptedException {
    if (arguments.ownControlPlane()) {
      output.follow(arguments.mesh().resolve("holder.log"));
    }
    String before = Files.exists(HOSTS) ? Files.readString(HOSTS) : "";
    Optional<MemberProof> granted = arguments.granted();
    SidecarProcess sidecar =
        granted.isPresent() ? startSidecar(arguments.service().named(), granted) : null;
    // Of a control plane that tells who is who the sidecar asks, which can prove it.
    Services page =
        new Services(
            granted.isPresent() ? SidecarProcess.SERVICES : arguments.services(), arguments.kept());
    List<Service> services = read(page);
    Service own = arguments.service().in(services);
    files().writeHosts(own, services, arguments.name(), arguments.address(), before);
    if (sidecar == null) {
      sidecar = startSidecar(own, ownProof(own));
    }
    Hostname.set(arguments.name());
    HolderNetwork network = HolderNetwork.enter(arguments.holder());
    Doors.open(arguments, network);
    new ServiceWatch(
            granted.isPresent() ? page::read : () -> network.call(page::read),
            now -> files().writeHosts(own, now, arguments.name(), arguments.address(), before),
            new PortGuard(Path.of("/proc/net/snmp"), this::say),
            this::say)
        .start(services);
    targets = own.ports().stream().map(Service.Port::target).toList();
    openTerminal();
    sidecar.process().onExit().thenRun(() -> events.add(new Event.SidecarEnded()));
    watchHolder();
    return new Supervisor(
            arguments.care(), this::startApp, sidecar, events, Clock.SYSTEM, output::say)
        .run();
  }

  /** From here on the app's end is the member's. */
  private synchronized void openTerminal() throws IOException {
    supervised = true;
    if (arguments.shown().passed() && Terminal.ours()) {
      terminal = Terminal.open();
    }
  }

  private void say(String line) {
    output.say(arguments.name() + ": " + line);
  }

  private AppProcess startApp() throws IOException {
    AppPorts ports = new AppPorts(targets, ownPorts, terminal != null, this::say).start();
    return AppProcess.start(
        arguments.command(),
        arguments.environment(),
        arguments.user(),
        Optional.ofNullable(terminal).map(Terminal::file),
        ending -> {
          ports.close();
          events.add(new Event.AppEnded(ending));
        });
  }

  private List<Service> read(Services page) throws IOException {
    try {
      return page.read();
    } catch (IOException e) {
      if (arguments.ownControlPlane() || arguments.granted().isPresent()) {
        throw e;
      }
      throw new IOException(
          e.getMessage()
              + "; it is to run with --insecure and --admin 0.0.0.0:"
              + arguments.services().getPort()
              + ", or give --control-plane-roots and --control-plane-token",
          e);
    }
  }

  private Optional<MemberProof> ownProof(Service own) throws IOException {
    if (!arguments.ownControlPlane()) {
      return Optional.empty();
    }
    OwnToken token = new OwnToken(arguments.mesh(), arguments.folder().resolve("token"));
    token.keep(own, this::say);
    return Optional.of(token.proof());
  }

  /** It is ready when this returns. */
  private SidecarProcess startSidecar(Service own, Optional<MemberProof> proof)
      throws IOException, InterruptedException {
    files()
        .writeBootstrap(
            own, arguments.name(), arguments.address(), arguments.controlPlane(), proof);
    Optional<String> problem = DefaultRules.apply();
    if (problem.isPresent()) {
      throw new IOException(problem.get());
    }
    Optional<Path> names = arguments.wayOut().flatMap(Arguments.WayOut::names);
    if (names.isPresent()) {
      ownPorts = Set.of(NameServer.start(names.get()));
    }
    SidecarProcess started = startProcess();
    Spawn.prepare(); // the sidecar needs more time than this
    awaitReady(started);
    return started;
  }

  private MemberFiles files() {
    return new MemberFiles(arguments.folder());
  }

  private synchronized SidecarProcess startProcess() throws IOException {
    Path lastGood = Files.createDirectories(arguments.mesh().resolve("last-good"));
    SidecarProcess started =
        SidecarProcess.start(
            arguments.java(),
            files().bootstrap(),
            lastGood.resolve(arguments.name()),
            arguments.wayOut().map(Arguments.WayOut::egress));
    sidecar = started;
    output.copySidecar(started.process());
    return started;
  }

  /** Another's control plane may be one that never takes it: what it says is soon told. */
  private void awaitReady(SidecarProcess sidecar) throws IOException, InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    boolean told = false;
    Optional<String> lacking = sidecar.lacking();
    while (lacking.isPresent()) {
      String why = lacking.get().isEmpty() ? "" : ": " + lacking.get();
      if (!told && !why.isEmpty() && !arguments.ownControlPlane()) {
        told = true;
        until = System.nanoTime() + TimeUnit.SECONDS.toNanos(REFUSED_SECONDS);
      }
      if (sidecar.process().waitFor(READY_POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IOException(arguments.name() + ": its sidecar did not start; see above");
      }
      if (System.nanoTime() - until > 0) {
        throw new IOException(arguments.name() + ": its sidecar does not get ready" + why);
      }
      lacking = sidecar.lacking();
    }
  }

  /** The mesh's network ends with its holder. */
  private void watchHolder() {
    CountDownLatch never = new CountDownLatch(1);
    Thread.ofVirtual()
        .name("holder")
        .start(() -> {
          try {
            do {
              if (!arguments.holder().alive()) {
                events.add(new Event.MeshEnded());
                return;
              }
            } while (!never.await(WATCH_MILLIS, TimeUnit.MILLISECONDS));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /** Who started it may be gone before this looks. */
  private void watchParent(int parent) {
    CountDownLatch never = new CountDownLatch(1);
    Thread.ofVirtual()
        .name("parent")
        .start(() -> {
          try {
            do {
              if (Posix.parent() != parent) {
                output.say(arguments.name() + ": what started it has ended");
                told(Sign.TERM);
                return;
              }
            } while (!never.await(WATCH_MILLIS, TimeUnit.MILLISECONDS));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /** Until there is an app, a signal ends it all. Any thread. */
  private synchronized void told(Sign sign) {
    if (supervised || ended) {
      events.add(new Event.Told(sign));
    } else {
      end();
      Runtime.getRuntime().halt(sign.status());
    }
  }

  /** What is left of it is taken away. */
  private synchronized void end() {
    if (ended) {
      return;
    }
    ended = true;
    try {
      SidecarProcess started = sidecar;
      if (started != null) {
        started.tell(Sign.TERM);
        if (!started.process().waitFor(SIDECAR_SECONDS, TimeUnit.SECONDS)) {
          started.tell(Sign.KILL);
        }
      }
      Leftovers.kill();
      Terminal last = terminal;
      if (last != null) {
        last.close();
      }
      output.close();
      Posix.close(LOCK_OF_MESH);
      Posix.close(LOCK_OF_MEMBER);
      new ProcessBuilder(arguments.leave())
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start()
          .waitFor();
    } catch (IOException e) {
      output.say("what is left of it could not be taken away: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
