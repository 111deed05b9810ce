package dev.weir.control.cli;

import dev.weir.cli.Options;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import dev.weir.cli.mesh.FolderSidecars;
import dev.weir.cli.mesh.MeshFolder;
import dev.weir.cli.story.Sidecars;
import dev.weir.control.cluster.Cluster;
import dev.weir.control.cluster.ForwardedPages;
import dev.weir.control.cluster.PodPages;
import dev.weir.control.cluster.PodSidecars;
import dev.weir.control.cluster.WeirPod;
import dev.weir.control.ui.looker.Mesh;
import dev.weir.control.ui.looker.UiServer;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** {@code weir ui}: the live page of a folder's mesh, or of a cluster's. */
public final class Ui {
  private static final int PORT = 15080;
  private static final int HIGHEST_PORT = 65_535;

  /** Each look opens connections through the API server. */
  private static final Duration EVERY_OF_CLUSTER = Duration.ofSeconds(5);

  private Ui() {}

  public static void main(String[] words) {
    System.exit(run(words, System.out, System.err));
  }

  static int run(String[] words, PrintStream out, PrintStream err) {
    return program().run(words, out, err, values -> show(values, out, err));
  }

  static Program program() {
    return new Program(
        "weir ui",
        "Shows a mesh as it lives in a browser: who calls whom, what fails and why, services,"
            + " policies and what they did, proxies, recent failures and their stories, requests as"
            + " they end. It is served on loopback, to who has the address that is printed, until"
            + " Ctrl-C.",
        new Version("weir", Ui.class),
        ClusterOptions.and(
            Options.optional(
                "config", "DIR", "Of the mesh of a folder on this machine, and not of a cluster."),
            Options.optional(
                "port",
                "PORT",
                "Where it is served (default: " + PORT + ", or a free one; 0: a free one)."),
            Options.flag("no-open", "Open no browser."),
            // The launcher's, which opens the shop and calls this with its folder.
            Options.flag("demo", "Of the demo's shop, under load.")),
        List.of(),
        List.of("done", "it could not be done", "wrong usage"));
  }

  private static int show(Values values, PrintStream out, PrintStream err)
      throws WrongUsage, IOException, InterruptedException {
    if (values.given("demo")) {
      throw new WrongUsage("--demo is for the launcher: ./weir ui --demo");
    }
    Optional<Integer> port = values.value("port", Ui::port);
    boolean open = !values.given("no-open");
    Optional<Path> folder = values.path("config");
    if (folder.isEmpty()) {
      return ClusterOptions.ask(
          values,
          cluster -> {
            List<WeirPod> controlPlanes = WeirPod.controlPlanes(cluster.client());
            if (controlPlanes.isEmpty()) {
              throw new IOException(
                  "no control plane runs in " + Cluster.SYSTEM + " of " + cluster.describe());
            }
            try (ForwardedPages pages = new ForwardedPages(cluster.client())) {
              return serve(new OfCluster(cluster, pages), port, EVERY_OF_CLUSTER, open, out, err);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
              return Program.FAILED;
            }
          });
    }
    if (ClusterOptions.given(values)) {
      throw new WrongUsage("--config: a folder is no cluster; leave out one of them");
    }
    if (!Files.isDirectory(folder.get())) {
      throw new WrongUsage("--config: " + folder.get() + " is not a folder");
    }
    Path real = folder.get().toRealPath();
    MeshFolder mesh = MeshFolder.of(real, Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR")));
    if (mesh.members().isEmpty()) {
      throw new IOException("no member runs in the mesh of " + real + "; ./weir up begins it");
    }
    return serve(new OfFolder(real, mesh), port, dev.weir.control.ui.Ui.EVERY, open, out, err);
  }

  private static int port(String text) {
    if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > HIGHEST_PORT) {
      throw new IllegalArgumentException("\"" + text + "\" is no port");
    }
    return Integer.parseInt(text);
  }

  private static int serve(
      Mesh mesh,
      Optional<Integer> port,
      Duration every,
      boolean open,
      PrintStream out,
      PrintStream err)
      throws IOException, InterruptedException {
    try (UiServer server = server(mesh, port, every)) {
      out.println("weir ui: " + mesh.name() + " is at " + server.url());
      out.flush();
      if (open) {
        Browser.open(server::urlOnce, err);
      }
      new CountDownLatch(1).await(); // a signal ends it
      return Program.OK;
    }
  }

  private static UiServer server(Mesh mesh, Optional<Integer> port, Duration every)
      throws IOException {
    try {
      return new UiServer(mesh, port.orElse(PORT), every);
    } catch (BindException e) {
      if (port.isPresent()) {
        throw new IOException("port " + port.get() + " is taken; give another --port", e);
      }
      return new UiServer(mesh, 0, every);
    }
  }

  private record OfFolder(Path config, MeshFolder mesh) implements Mesh {
    @Override
    public String name() {
      return "the mesh of " + config;
    }

    @Override
    public List<String> pages(String path) throws IOException {
      for (MeshFolder.Member member : mesh.members()) {
        if (member.open()) {
          return List.of(member.controlPlane(path));
        }
      }
      throw new IOException("no member of the mesh of " + config + " is ready");
    }

    @Override
    public Sidecars sidecars(Optional<String> only) {
      return new FolderSidecars(config, mesh, only);
    }
  }

  private record OfCluster(Cluster cluster, ForwardedPages pages) implements Mesh {
    @Override
    public String name() {
      return "the mesh of the cluster at " + cluster.describe();
    }

    @Override
    public List<String> pages(String path) throws IOException {
      List<String> answers = new ArrayList<>();
      IOException last = new IOException("no control plane runs in " + Cluster.SYSTEM);
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<String>> asked = new ArrayList<>();
        for (WeirPod pod : WeirPod.controlPlanes(cluster.client())) {
          asked.add(threads.submit(() -> pages.page(pod.name(), PodPages.CONTROL_PLANE, path)));
        }
        for (Future<String> each : asked) {
          try {
            answers.add(each.get());
          } catch (ExecutionException e) {
            last = new IOException(e.getCause());
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      } catch (KubernetesClientException e) {
        throw new IOException(Cluster.said(e), e);
      }
      if (answers.isEmpty()) {
        throw last;
      }
      return answers;
    }

    @Override
    public Sidecars sidecars(Optional<String> only) {
      return new PodSidecars(cluster, cluster.saidNamespace(), only, pages);
    }
  }
}
