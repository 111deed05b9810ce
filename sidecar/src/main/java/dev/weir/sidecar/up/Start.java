package dev.weir.sidecar.up;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.cli.Durations;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.WrongUsage;
import dev.weir.protos.yaml.TextFile;
import dev.weir.sidecar.member.system.Signals;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** {@code weir up}. */
final class Start {
  private static final int OF_A_SIGNAL = 128;
  private static final int AT_ONCE = 4;

  /** A sidecar drains for 5 s, and is killed after 10; the last one takes the mesh away. */
  private static final Duration LEAVING = Duration.ofSeconds(30);

  private static final Duration WAITING = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Start() {}

  static int run(Values values, Folders folders, PrintStream out, PrintStream err)
      throws WrongUsage, IOException, InterruptedException {
    Duration patience = patience(values);
    Path file = folders.project();
    if (!Files.exists(file)) {
      throw new WrongUsage("there is no " + file);
    }
    ProjectReader.Read read = read(file, folders);
    if (!read.problems().isEmpty()) {
      read.problems().forEach(problem -> err.println("weir up: " + problem));
      return Program.FAILED;
    }
    List<Service> order;
    try {
      order = Order.of(read.services());
    } catch (IllegalArgumentException e) {
      err.println("weir up: " + file + ": " + e.getMessage());
      return Program.FAILED;
    }
    folders.makeState();
    try (FileChannel lock =
        FileChannel.open(folders.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      FileLock held = lock.tryLock();
      if (held == null) {
        err.println("weir up: " + folders.config() + " is up already; see ./weir ps");
        return Program.FAILED;
      }
      lock.truncate(0);
      lock.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(UTF_8)));
      return run(order, values.given("detach"), patience, folders, out, err);
    }
  }

  private static ProjectReader.Read read(Path file, Folders folders)
      throws WrongUsage, IOException {
    try {
      String text = TextFile.read(file);
      return ProjectReader.read(file, text, FolderServices.of(folders.config()), System::getenv);
    } catch (TextFile.NotUtf8 e) {
      throw new WrongUsage(file + ":" + e.line() + ": is not UTF-8");
    }
  }

  private static Duration patience(Values values) throws WrongUsage {
    Optional<Duration> given = values.value("wait-timeout", Durations::parse);
    if (given.isPresent() && !values.given("detach")) {
      throw new WrongUsage("--wait-timeout is for --detach: nothing else waits");
    }
    return given.orElse(PATIENCE);
  }

  private static int run(
      List<Service> order,
      boolean detached,
      Duration patience,
      Folders folders,
      PrintStream out,
      PrintStream err)
      throws IOException, InterruptedException {
    int width = order.stream().mapToInt(service -> service.name().length() + 2).max().orElse(0);
    Optional<Journal.Screen> screen = Optional.of(new Journal.Screen(out, Main.colours(), width));
    AtomicInteger told = new AtomicInteger();
    try (Journal journal = Journal.create(folders.state(), screen)) {
      Path weir = Path.of(System.getProperty("weir.launcher", "weir"));
      int atOnce = Math.max(AT_ONCE, Runtime.getRuntime().availableProcessors());
      Up up =
          new Up(order, weir, folders, journal, new Up.Limits(LEAVING, atOnce, WAITING, PATIENCE));
      handle("INT", 2, told, up);
      handle("TERM", 15, told, up);
      handle("HUP", 1, told, up);
      try (Control _ = Control.start(folders.control(), up)) {
        up.start();
        if (detached) {
          detach(up, patience, journal, out);
          out.close(); // the launcher waits for that
          err.close();
        }
        up.await();
      } finally {
        Files.deleteIfExists(folders.control());
      }
      return told.get() != 0 ? told.get() : up.failed() ? Program.FAILED : Program.OK;
    } finally {
      folders.removeState();
    }
  }

  /** One that cannot be started is the end of all; one that takes its time is said. */
  private static void detach(Up up, Duration patience, Journal journal, PrintStream out)
      throws InterruptedException {
    List<String> missing = up.awaitReady(patience);
    if (up.failed()) {
      up.stop();
    }
    journal.silence();
    out.println(
        up.failed()
            ? "weir up: not all could be started; all is ended"
            : missing.isEmpty()
                ? "weir up: all are ready; ./weir down ends them"
                : "weir up: these are not ready yet: "
                    + String.join(", ", missing)
                    + "; see ./weir ps and ./weir logs");
  }

  private static void handle(String name, int number, AtomicInteger told, Up up) {
    Signals.handle(
        name,
        () -> {
          if (told.compareAndSet(0, OF_A_SIGNAL + number)) {
            try {
              up.stop();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          } else {
            up.kill();
          }
        });
  }
}
