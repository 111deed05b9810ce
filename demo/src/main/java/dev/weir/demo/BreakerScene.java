package dev.weir.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/** An app that breaks down, is left alone, and is taken back when it is well. */
final class BreakerScene implements Scene {
  private static final int MOST_CALLS = 40;

  @Override
  public String name() {
    return "breaker";
  }

  @Override
  public String title() {
    return "Inventory breaks down: the breaker opens, and heals";
  }

  @Override
  public boolean play(Stage stage, Teller teller, Figures figures)
      throws IOException, InterruptedException {
    stage.fault("inventory", 1);
    int calls = 1;
    Answer answer = stage.caller().get(Stage.STOCK, Map.of());
    while (!open(answer) && calls < MOST_CALLS) {
      Stage.pause(Duration.ofMillis(20));
      answer = stage.caller().get(Stage.STOCK, Map.of());
      calls++;
    }
    if (!open(answer)) {
      stage.fault("inventory", 0);
      teller.say("%d calls failed, and none was refused; the last: %s", calls, answer);
      return false;
    }
    long opened = System.nanoTime();
    Tally refused = new Tally();
    for (int i = 0; i < 20; i++) {
      refused.add(stage.caller().get(Stage.STOCK, Map.of()));
    }
    teller.say("call %d was refused: 503, x-weir-cause: %s", calls, answer.cause());
    teller.say("20 more calls: %s; half of them within %.1f ms", refused, refused.percentile(0.5));
    stage.fault("inventory", 0);
    boolean healed =
        Stage.eventually(
            Duration.ofSeconds(15), () -> stage.caller().get(Stage.STOCK, Map.of()).ok());
    double seconds = (System.nanoTime() - opened) / 1e9;
    teller.say(
        "inventory is well again; %.1f s after it opened the probes closed the breaker", seconds);
    Tally after = new Tally();
    for (int i = 0; i < 10; i++) {
      after.add(stage.caller().get(Stage.STOCK, Map.of()));
      Stage.pause(Duration.ofMillis(20));
    }
    teller.say("then 10 calls: %s", after);
    figures.put("breaker_opened_after_calls", calls);
    figures.put("breaker_refusal_p50_ms", refused.percentile(0.5));
    figures.put("breaker_open_s", seconds);
    return healed
        && refused.count(kind -> kind.cause().equals("breaker-open")) > 0
        && after.failed() == 0;
  }

  private static boolean open(Answer answer) {
    return answer.status() == 503 && answer.cause().startsWith("breaker-open");
  }
}
