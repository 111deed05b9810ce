package dev.weir.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** An app that fails now and then, and a caller that does not notice. */
final class RetryScene implements Scene {
  /** So many that the second try of a request does not meet the next fault, load or not. */
  private static final int EVERY = 10;

  @Override
  public String name() {
    return "retries";
  }

  @Override
  public String title() {
    return "Inventory fails now and then: retries hide it";
  }

  @Override
  public boolean play(Stage stage, Teller teller, Figures figures)
      throws IOException, InterruptedException {
    String counter = "cluster\\.outbound.*inventory.*upstream_rq_retry";
    long before = stage.counters(counter);
    Tally shoppers = stage.load().watch();
    Tally direct = new Tally();
    stage.fault("inventory", EVERY);
    for (int i = 0; i < (stage.fast() ? 80 : 150); i++) {
      direct.add(stage.caller().get(Stage.STOCK, Map.of()));
      // Out of step with the other shoppers: else it is always the same caller that meets the
      // fault.
      Stage.pause(Duration.ofMillis(ThreadLocalRandom.current().nextInt(10, 40)));
    }
    stage.fault("inventory", 0);
    stage.load().forget(shoppers);
    long retries = stage.counters(counter) - before;
    teller.say("each %dth answer of inventory is a 503", EVERY);
    teller.say(
        "%d calls, %d failed for the caller (%s), its sidecar tried %d again",
        direct.total(), direct.failed(), direct, retries);
    teller.say(
        "meanwhile the front answered %d shoppers, %d failed", shoppers.total(), shoppers.failed());
    figures.put("retry_calls", direct.total());
    figures.put("retry_failed", direct.failed());
    figures.put("retries", retries);
    return direct.failed() == 0 && retries > 0 && shoppers.failed() == 0;
  }
}
