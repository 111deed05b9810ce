package dev.weir.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the scenes work with: the shop and its policies, the mesh, its logs. The process that
 * started the demo waits for orders in a file: what must be done outside the mesh's network it
 * does.
 *
 * @param work the demo's folder: {@code shop}, {@code logs}, {@code orders}
 * @param mesh the mesh's runtime folder
 * @param fast whether to be brief
 */
record Stage(Path work, Path mesh, boolean fast, Caller caller, Load load) {
  static final String FRONTEND = "http://frontend:8080/";
  static final String STOCK = "http://inventory:8080/stock";
  private static final String CONTROL_PLANE = "http://10.88.0.1:15014";
  private static final String OWN_SIDECAR = "http://127.0.0.1:15000";
  private static final Pattern ENDPOINT = Pattern.compile("\"([0-9.]+:8080)\"");

  /** Which requests an app fails: each {@code every}th; 0: none. Past the mesh's breakers. */
  void fault(String service, int every) throws IOException, InterruptedException {
    for (String endpoint : endpoints(service)) {
      caller.page("http://" + endpoint + "/fault?every=" + every);
    }
  }

  /** Where the instances of a service are, as the control plane knows. */
  private List<String> endpoints(String service) throws IOException, InterruptedException {
    String page = caller.page(CONTROL_PLANE + "/services");
    Matcher found =
        Pattern.compile(
                "\"name\":\\s*\"" + service + "\",\\s*\"address\".*?\"endpoints\":\\s*\\[(.*?)]",
                Pattern.DOTALL)
            .matcher(page);
    List<String> endpoints =
        found.find()
            ? ENDPOINT.matcher(found.group(1)).results().map(result -> result.group(1)).toList()
            : List.of();
    if (endpoints.isEmpty()) {
      throw new IOException("the control plane knows no instance of " + service);
    }
    return endpoints;
  }

  boolean controlPlaneAnswers() throws InterruptedException {
    try {
      caller.page(CONTROL_PLANE + "/ready");
      return true;
    } catch (IOException away) {
      return false;
    }
  }

  long controlPlanePid() throws IOException {
    return Long.parseLong(Files.readString(mesh.resolve("control-plane.pid")).strip());
  }

  /** The sum of the counters of this member's sidecar whose names match. */
  long counters(String regex) throws IOException, InterruptedException {
    return caller
        .page(OWN_SIDECAR + "/stats")
        .lines()
        .filter(line -> line.matches(regex + ": [0-9]+"))
        .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Lines of all logs that contain {@code text}, each with the name of its log before it. */
  List<String> logLines(String text) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> logs = Files.list(work.resolve("logs"))) {
      for (Path log : logs.sorted().toList()) {
        try (Stream<String> all = Files.lines(log)) {
          all.filter(line -> line.contains(text)).forEach(lines::add);
        }
      }
    }
    return lines;
  }

  String policies(String file) throws IOException {
    return Files.readString(work.resolve("shop").resolve(file));
  }

  /** Replaces a file of policies, as an editor does. */
  void edit(String file, String content) throws IOException {
    Path next = Files.writeString(work.resolve(file + ".next"), content);
    Files.move(next, work.resolve("shop").resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Takes a file of policies away, if it is there. */
  void remove(String file) throws IOException {
    Files.deleteIfExists(work.resolve("shop").resolve(file));
  }

  /** Asks for a member that makes one call. */
  void orderCall(String name) throws IOException {
    order("call " + name);
  }

  /** Whether one that is beside the mesh, and has no sidecar, gets an answer of the inventory's. */
  boolean outsiderIsAnswered(String name) throws IOException, InterruptedException {
    order("outsider " + name + " " + endpoints("inventory").getFirst());
    if (!eventually(Duration.ofSeconds(20), () -> Files.exists(callStatus(name)))) {
      throw new IOException("the outsider did not call; see its log");
    }
    return Files.readString(callStatus(name)).strip().equals("0");
  }

  private void order(String text) throws IOException {
    Files.writeString(work.resolve("orders"), text + "\n", StandardOpenOption.WRITE);
  }

  /** The file in which its exit status will stand. */
  Path callStatus(String name) {
    return work.resolve(name + ".status");
  }

  /** Asks again until it is so or the time is over. */
  static boolean eventually(Duration limit, Callable<Boolean> condition)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    do {
      try {
        if (condition.call()) {
          return true;
        }
      } catch (IOException | InterruptedException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      pause(Duration.ofMillis(50));
    } while (System.nanoTime() - end < 0);
    return false;
  }

  static void pause(Duration time) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
  }
}
