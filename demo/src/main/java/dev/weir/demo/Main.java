package dev.weir.demo;

import dev.weir.cli.Program;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Tells the story from within the mesh; {@code scripts/demo.sh} sets the stage. */
public final class Main {
  private static final List<Scene> SCENES =
      List.of(
          new TraceScene(),
          new RetryScene(),
          new BreakerScene(),
          new FloodScene(),
          new EditScene(),
          new StrictScene(),
          new TokenScene(),
          new OutageScene());

  /** Those that show in the numbers of calls, and leave the shop's sidecars as they are. */
  private static final List<Scene> LIVELY =
      List.of(new RetryScene(), new BreakerScene(), new FloodScene(), new EditScene());

  private static final Duration BETWEEN = Duration.ofSeconds(15);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private Main() {}

  public static void main(String[] words) {
    System.exit(
        Arguments.program()
            .run(words, System.out, System.err, values -> tell(Arguments.of(values))));
  }

  private static int tell(Arguments arguments) throws IOException, InterruptedException {
    Caller caller = new Caller();
    Figures figures = new Figures();
    try (PrintStream out = new PrintStream(arguments.story().toFile(), StandardCharsets.UTF_8)) {
      Teller teller = new Teller(out, arguments.screen());
      if (!open(caller, teller)) {
        return Program.FAILED;
      }
      try (Load load = new Load(caller, Stage.FRONTEND)) {
        Stage stage = new Stage(arguments.work(), arguments.mesh(), arguments.fast(), caller, load);
        if (arguments.live()) {
          live(stage, teller, figures);
        }
        try (Pulse pulse = new Pulse(stage, teller)) {
          for (Scene scene : SCENES) {
            play(scene, stage, teller, figures);
          }
          tell(load.all(), teller, figures);
          tellMistakes(stage, teller, figures);
          if (arguments.json().isPresent()) {
            Files.writeString(arguments.json().get(), figures.json());
          }
          if (arguments.hold()) {
            hold(stage, teller, figures);
          }
        }
      }
    }
    return status(figures);
  }

  /** Until someone ends it. */
  private static void live(Stage stage, Teller teller, Figures figures)
      throws IOException, InterruptedException {
    Files.writeString(stage.work().resolve("told"), Program.OK + "\n");
    teller.scene("The shop is open, under load; something happens every now and then");
    while (true) {
      for (Scene scene : LIVELY) {
        Stage.pause(BETWEEN);
        play(scene, stage, teller, figures);
      }
    }
  }

  private static int status(Figures figures) {
    return figures.allHeld() ? Program.OK : Program.FAILED;
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

  /** What Weir's programs say of their own mistakes, if anything. */
  private static void tellMistakes(Stage stage, Teller teller, Figures figures) throws IOException {
    List<String> mistakes = stage.logLines("internal error in ");
    mistakes.forEach(line -> teller.say("%s", line));
    figures.scene("no_mistakes", mistakes.isEmpty());
  }
}
