package dev.weir.bench.mesh;

import dev.weir.cli.Operand;
import dev.weir.cli.Options;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;

/** {@code ./weir bench --control-plane}. */
public final class Main {
  private static final int SERVICES = 150;
  private static final int INSTANCES = 10;
  private static final int EVENTS = 20;
  private static final int NAMESPACES = 20;
  private static final int MOST = 20_000;

  /** Until a control plane that was started anew believes that who is not back is gone. */
  private static final long RESTART_MILLIS = 45_000;

  private static final long WINDOW_MILLIS = 60_000;
  private static final int WINDOWS = 3;

  /** All are named, and what is hot is compiled. */
  private static final long SETTLING_MILLIS = 20_000;

  /** Between two events, so that each is one of its own. */
  private static final long PAUSE_MILLIS = 500;

  private final Values values;
  private final PrintStream out;

  private Main(Values values, PrintStream out) {
    this.values = values;
    this.out = out;
  }

  public static void main(String[] words) {
    Program program =
        new Program(
            "weir bench --control-plane",
            "Measure the control plane with sidecars that are not there.",
            new Version("weir", Main.class),
            List.of(
                number("services", "How many services (default: " + SERVICES + ")."),
                number("instances", "How many instances of each (default: " + INSTANCES + ")."),
                number(
                    "namespaces",
                    "How many namespaces they are in, by turns; a sidecar is told of its own"
                        + " (default: "
                        + NAMESPACES
                        + ")."),
                Options.flag("whole-mesh", "Tell each sidecar of all services."),
                Options.flag(
                    "kubernetes",
                    "A real API server has the mesh, without routes; each client comes by TLS"
                        + " with a token of its own connection."),
                Options.optional("crds", "DIR", "With --kubernetes: the custom resources."),
                number("events", "How many events of each kind (default: " + EVENTS + ")."),
                number(
                    "summaries",
                    "Measure what it takes to hear of traffic, and nothing else: sidecars tell of"
                        + " calls to so many services, and from as many."),
                Option.builder()
                    .longOpt("command")
                    .argName("WORD")
                    .hasArgs()
                    .desc("What runs the control plane, word by word.")
                    .get()),
            List.<Operand>of(),
            List.of("measured", "it cannot measure", "wrong usage"));
    System.exit(
        program.run(
            words, System.out, System.err, values -> new Main(values, System.out).measure()));
  }

  private static Option number(String name, String description) {
    return Options.optional(name, "NUMBER", description);
  }

  private int number(String name, int otherwise) throws WrongUsage {
    int number = values.integer(name).orElse(otherwise);
    if (number < 1 || number > MOST) {
      throw new WrongUsage("--" + name + ": it must be from 1 to " + MOST);
    }
    return number;
  }

  private int measure() throws IOException, InterruptedException, WrongUsage {
    MeshShape shape =
        new MeshShape(
            number("services", SERVICES),
            number("instances", INSTANCES),
            number("namespaces", NAMESPACES),
            values.given("whole-mesh"));
    int events = number("events", EVENTS);
    int edges = values.given("summaries") ? number("summaries", 1) : 0;
    List<String> command = values.values("command", word -> word);
    Path work = Files.createTempDirectory("weir-mesh");
    out.printf(
        "%d services x %d: %d sidecars, each told of %d instances%n",
        shape.services(), shape.instances(), shape.sidecars(), shape.told(0));
    try (MeshSource source = source(shape, work)) {
      measure(shape, source, command, events, edges);
    } finally {
      delete(work);
    }
    return Program.OK;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(one);
      }
    }
  }

  private MeshSource source(MeshShape shape, Path work)
      throws IOException, InterruptedException, WrongUsage {
    if (!values.given("kubernetes")) {
      return new MeshFolder(
          Files.createDirectory(work.resolve("mesh")), work.resolve("state"), shape);
    }
    Path crds =
        values.path("crds").orElseThrow(() -> new WrongUsage("--kubernetes: needs --crds DIR"));
    return new MeshCluster(work, crds, shape);
  }

  private void measure(
      MeshShape shape, MeshSource source, List<String> command, int events, int edges)
      throws IOException, InterruptedException {
    ControlPlaneProcess process = new ControlPlaneProcess(command, source, 0);
    try (Mesh mesh = new Mesh(shape, source, process.port())) {
      cold(mesh, process);
      if (edges > 0) {
        summaries(mesh, process, edges);
        return;
      }
      endpointEvents(mesh, process, events);
      policyEdits(mesh, process, events);
      for (boolean atOnce : new boolean[] {false, true}) {
        process.end(atOnce);
        mesh.bytes();
        mesh.countMissing();
        long start = System.nanoTime();
        process = new ControlPlaneProcess(command, source, process.port());
        Thread.sleep(RESTART_MILLIS);
        mesh.awaitComplete();
        out.printf(
            "%s and start: of %d endpoints a client misses at most %d; %.1f MB sent; CPU %.1f s in %d"
                + " s; RSS %d MiB, at most %d%n",
            atOnce ? "SIGKILL" : "SIGTERM",
            shape.told(0),
            mesh.mostMissing(),
            mesh.bytes() / 1e6,
            process.cpu(),
            (System.nanoTime() - start) / 1_000_000_000,
            process.rss(false),
            process.rss(true));
      }
    } finally {
      process.close();
    }
  }

  private void cold(Mesh mesh, ControlPlaneProcess process)
      throws IOException, InterruptedException {
    double cpu = process.cpu();
    long start = System.nanoTime();
    mesh.start();
    mesh.awaitComplete();
    long last = mesh.awaitQuiet();
    out.printf(
        "all come at once: in sync after %.1f s; %.0f MB sent; CPU %.1f s; RSS %d MiB, at most"
            + " %d%n",
        (last - start) / 1e9,
        mesh.bytes() / 1e6,
        process.cpu() - cpu,
        process.rss(false),
        process.rss(true));
  }

  /** First without, and then with. */
  private void summaries(Mesh mesh, ControlPlaneProcess process, int edges)
      throws IOException, InterruptedException {
    quiet("nothing is told", mesh, process);
    for (Client client : mesh.clients()) {
      client.tell(edges);
    }
    Thread.sleep(SETTLING_MILLIS);
    for (int i = 0; i < WINDOWS; i++) {
      quiet(
          "%d edges are told of, each by both sides".formatted(edges * mesh.shape().services()),
          mesh,
          process);
    }
  }

  private void quiet(String what, Mesh mesh, ControlPlaneProcess process)
      throws IOException, InterruptedException {
    double cpu = process.cpu();
    double control = process.controlCpu();
    mesh.summaries();
    long start = System.nanoTime();
    Thread.sleep(WINDOW_MILLIS);
    double seconds = (System.nanoTime() - start) / 1e9;
    out.printf(
        "%s: CPU %.1f %% of a core, control thread %.2f %%; %.0f summaries a second; RSS %d MiB;"
            + " the last stream that failed: %s%n",
        what,
        (process.cpu() - cpu) / seconds * 100,
        (process.controlCpu() - control) / seconds * 100,
        mesh.summaries() / seconds,
        process.rss(false),
        mesh.failure());
  }

  private void endpointEvents(Mesh mesh, ControlPlaneProcess process, int events)
      throws IOException, InterruptedException {
    Row row = new Row("an instance comes or goes", mesh, process);
    for (int i = 0; i < events; i++) {
      Client client = mesh.clients().get(i / 2 * 37 % mesh.clients().size());
      boolean ready = i % 2 == 1;
      row.add(Client.ENDPOINTS, client.service(), () -> mesh.source().ready(client, ready));
    }
    row.print(out, events);
  }

  private void policyEdits(Mesh mesh, ControlPlaneProcess process, int events)
      throws IOException, InterruptedException {
    Row row = new Row("a policy is edited", mesh, process);
    for (int i = 0; i < events; i++) {
      int service = i * 7 % mesh.shape().services();
      int millis = 1500 + i;
      row.add(Client.ROUTES, service, () -> mesh.source().timeout(service, millis));
    }
    row.print(out, events);
  }

  /** What happens. */
  private interface Event {
    void happen() throws IOException;
  }

  /** Events of one kind. */
  private static final class Row {
    private final String what;
    private final Mesh mesh;
    private final ControlPlaneProcess process;
    private final double cpu;
    private final double control;
    private long[] all = new long[0];
    private long concerned;

    Row(String what, Mesh mesh, ControlPlaneProcess process) throws IOException {
      this.what = what;
      this.mesh = mesh;
      this.process = process;
      this.cpu = process.cpu();
      this.control = process.controlCpu();
    }

    void add(String type, int service, Event event) throws IOException, InterruptedException {
      String name = mesh.shape().outbound(service);
      List<Client> told = mesh.toldOf(service);
      concerned += told.size();
      Watch watch = new Watch(type, name, told.getFirst().version(type, name), told.size());
      mesh.watch(watch);
      event.happen();
      long[] times = watch.await();
      int before = all.length;
      all = Arrays.copyOf(all, before + times.length);
      System.arraycopy(times, 0, all, before, times.length);
      Thread.sleep(PAUSE_MILLIS);
    }

    void print(PrintStream out, int events) throws IOException {
      Arrays.sort(all);
      out.printf(
          "%s, until all know it: p50 %d ms, p99 %d, at most %d; control thread %.1f ms and CPU %.1f"
              + " ms each, %.0f us a client%n",
          what,
          all[all.length / 2],
          all[(int) (all.length * 0.99)],
          all[all.length - 1],
          (process.controlCpu() - control) * 1000 / events,
          (process.cpu() - cpu) * 1000 / events,
          (process.cpu() - cpu) * 1e6 / concerned);
    }
  }
}
