package dev.weir.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The control plane is killed; traffic goes on, and a sidecar starts from what it knew last. */
final class OutageScene implements Scene {
  private static final String BEFORE = "caller-before";
  private static final String DURING = "caller-during";

  /** What both callers are: the first beside the story itself, which is shopper-1. */
  private static final String MEMBER = "shopper-2";

  private static final Duration CALL_LIMIT = Duration.ofSeconds(60);

  @Override
  public String name() {
    return "outage";
  }

  @Override
  public String title() {
    return "The control plane is killed: nothing is lost";
  }

  /** A member that was here before: what it streamed is kept on disk. */
  @Override
  public void prepare(Stage stage) throws IOException {
    stage.orderCall(BEFORE);
  }

  @Override
  public boolean play(Stage stage, Teller teller, Figures figures)
      throws IOException, InterruptedException {
    boolean called =
        Stage.eventually(
            CALL_LIMIT, () -> Files.exists(stage.callStatus(BEFORE)) && !stage.isThere(MEMBER));
    Path hold = Files.createFile(stage.mesh().resolve("control-plane.hold"));
    Tally shoppers = stage.load().watch();
    boolean started;
    boolean dead;
    try {
      ProcessHandle.of(stage.controlPlanePid()).ifPresent(ProcessHandle::destroyForcibly);
      dead = Stage.eventually(Duration.ofSeconds(5), () -> !stage.controlPlaneAnswers());
      teller.say("the control plane is %s", dead ? "dead" : "still there");
      stage.orderCall(DURING);
      started =
          called
              && Stage.eventually(CALL_LIMIT, () -> Files.exists(stage.callStatus(DURING)))
              && Files.readString(stage.callStatus(DURING)).strip().equals("0");
      teller.say(
          started
              ? "a caller that starts now has its last good configuration, and its call is answered"
              : "a caller that started meanwhile got no answer; see its log");
    } finally {
      Files.delete(hold);
    }
    boolean back = Stage.eventually(Duration.ofSeconds(20), stage::controlPlaneAnswers);
    Stage.pause(Duration.ofSeconds(stage.fast() ? 1 : 3));
    stage.load().forget(shoppers);
    teller.say("it is %s; the shoppers meanwhile: %s", back ? "back" : "not back", shoppers);
    figures.put("outage_calls", shoppers.total());
    figures.put("outage_failed", shoppers.failed());
    return dead && started && back && shoppers.failed() == 0;
  }
}
