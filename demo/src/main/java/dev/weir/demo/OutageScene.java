package dev.weir.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The control plane is killed; traffic goes on, and who starts meanwhile waits for its certificate.
 */
final class OutageScene implements Scene {
  private static final String CALLER = "caller";
  private static final String WAITS = "no certificate yet";

  private static final Duration CALL_LIMIT = Duration.ofSeconds(60);

  @Override
  public String name() {
    return "outage";
  }

  @Override
  public String title() {
    return "The control plane is killed: nothing is lost";
  }

  @Override
  public boolean play(Stage stage, Teller teller, Figures figures)
      throws IOException, InterruptedException {
    Path hold = Files.createFile(stage.mesh().resolve("control-plane.hold"));
    Tally shoppers = stage.load().watch();
    boolean dead;
    boolean waits;
    try {
      ProcessHandle.of(stage.controlPlanePid()).ifPresent(ProcessHandle::destroyForcibly);
      dead = Stage.eventually(Duration.ofSeconds(5), () -> !stage.controlPlaneAnswers());
      teller.say("the control plane is %s", dead ? "dead" : "still there");
      stage.orderCall(CALLER);
      waits = Stage.eventually(CALL_LIMIT, () -> !stage.logLines(WAITS).isEmpty());
      teller.say(
          waits
              ? "a caller that starts now gets no certificate; it says so, and waits"
              : "a caller that starts now does not wait; see its log");
    } finally {
      Files.delete(hold);
    }
    boolean back = Stage.eventually(Duration.ofSeconds(20), stage::controlPlaneAnswers);
    Stage.pause(Duration.ofSeconds(stage.fast() ? 1 : 3));
    stage.load().forget(shoppers);
    teller.say("it is %s; the shoppers meanwhile: %s", back ? "back" : "not back", shoppers);
    boolean answered =
        Stage.eventually(CALL_LIMIT, () -> Files.exists(stage.callStatus(CALLER)))
            && Files.readString(stage.callStatus(CALLER)).strip().equals("0");
    teller.say("the caller that waited is %s", answered ? "answered" : "not answered; see its log");
    figures.put("outage_calls", shoppers.total());
    figures.put("outage_failed", shoppers.failed());
    return dead && waits && back && answered && shoppers.failed() == 0;
  }
}
