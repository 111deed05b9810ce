package dev.weir.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** Tells the story from within the mesh; {@code scripts/demo.sh} sets the stage. */
@Command(
    name = "story",
    mixinStandardHelpOptions = true,
    description = "Plays the scenes of weir demo, as the member shopper.")
public final class Main implements Callable<Integer> {
  private static final List<Scene> SCENES =
      List.of(
          new TraceScene(),
          new RetryScene(),
          new BreakerScene(),
          new FloodScene(),
          new EditScene(),
          new OutageScene());
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  @Option(names = "--work", required = true, description = "The demo's folder.")
  private Path work;

  @Option(names = "--mesh", required = true, description = "The mesh's runtime folder.")
  private Path mesh;

  @Option(names = "--story", required = true, description = "Where the lines for people go.")
  private Path story;

  @Option(names = "--json", description = "Where the figures go.")
  private @Nullable Path json;

  @Option(names = "--fast", description = "Be brief.")
  private boolean fast;

  @Option(names = "--hold", description = "Keep the shop open at the end.")
  private boolean hold;

  @Option(names = "--colours", description = "Use them.")
  private boolean colours;

  @Option(
      names = "--width",
      description = "The lines go to a terminal of that width, whose last line is live.")
  private int width;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Main()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Caller caller = new Caller();
    Figures figures = new Figures();
    try (PrintStream out = new PrintStream(story.toFile(), StandardCharsets.UTF_8)) {
      Teller teller = new Teller(out, new Teller.Screen(colours, width));
      if (!open(caller, teller)) {
        return ExitCode.SOFTWARE;
      }
      try (Load load = new Load(caller, Stage.FRONTEND)) {
        Stage stage = new Stage(work, mesh, fast, caller, load);
        for (Scene scene : SCENES) {
          scene.prepare(stage);
        }
        try (Pulse pulse = new Pulse(stage, teller)) {
          for (Scene scene : SCENES) {
            play(scene, stage, teller, figures);
          }
          tell(load.all(), teller, figures);
          if (json != null) {
            Files.writeString(json, figures.json());
          }
          if (hold) {
            hold(stage, teller, figures);
          }
        }
      }
    }
    return status(figures);
  }

  private static int status(Figures figures) {
    return figures.allHeld() ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  /** The story is over and has its status; the shop goes on until someone ends it. */
  private static void hold(Stage stage, Teller teller, Figures figures)
      throws IOException, InterruptedException {
    String shop = stage.work().resolve("shop").toString();
    teller.scene("The shop stays open, under load; Ctrl-C ends it");
    teller.say("edit its policies in %s, or call it:", shop);
    teller.say("./weir run --config %s --service shopper -- curl -si %s", shop, Stage.FRONTEND);
    Files.writeString(stage.work().resolve("told"), status(figures) + "\n");
    new CountDownLatch(1).await();
  }

  /** The shop is open when its front answers with all that it shows. */
  private static boolean open(Caller caller, Teller teller)
      throws IOException, InterruptedException {
    boolean open =
        Stage.eventually(
            START_LIMIT,
            () -> {
              try {
                return !caller.page(Stage.FRONTEND).contains("null");
              } catch (IOException e) {
                return false;
              }
            });
    if (!open) {
      teller.say(
          "the shop did not open within %d s; the front's last answer: %s",
          START_LIMIT.toSeconds(), caller.get(Stage.FRONTEND, Map.of()));
    }
    return open;
  }

  private static void play(Scene scene, Stage stage, Teller teller, Figures figures)
      throws InterruptedException {
    teller.scene(scene.title());
    boolean held = false;
    try {
      held = scene.play(stage, teller, figures);
    } catch (IOException e) {
      teller.say("%s", e.toString());
    }
    teller.held(held);
    figures.scene(scene.name(), held);
  }

  private static void tell(Tally all, Teller teller, Figures figures) {
    figures.put("shopper_calls", all.total());
    figures.put("shopper_failed", all.failed());
    figures.put("shopper_p50_ms", all.percentile(0.5));
    figures.put("shopper_p99_ms", all.percentile(0.99));
    teller.scene("Measured");
    figures.values().forEach((name, value) -> teller.say("%-28s %s", name, value));
  }
}
