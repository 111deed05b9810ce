package dev.weir.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/** A client that floods is held back alone. */
final class FloodScene implements Scene {
  @Override
  public String name() {
    return "flood";
  }

  @Override
  public String title() {
    return "A client floods: it gets 429, the others do not";
  }

  @Override
  public boolean play(Stage stage, Teller teller, Figures figures)
      throws IOException, InterruptedException {
    Tally shoppers = stage.load().watch();
    Tally noisy = new Tally();
    Answer refusal = null;
    for (int i = 0; i < (stage.fast() ? 100 : 200); i++) {
      Answer answer = stage.caller().get(Stage.FRONTEND, Map.of("x-client", "noisy"));
      noisy.add(answer);
      if (answer.status() == 429) {
        refusal = answer;
      }
      Stage.pause(Duration.ofMillis(10));
    }
    stage.load().forget(shoppers);
    teller.say("the noisy client: %s", noisy);
    if (refusal != null) {
      teller.say("x-weir-cause: %s", refusal.cause());
    }
    teller.say("the others meanwhile: %s", shoppers);
    figures.put("flood_calls", noisy.total());
    figures.put("flood_refused", noisy.count(kind -> kind.status() == 429));
    figures.put("others_refused", shoppers.count(kind -> kind.status() == 429));
    return refusal != null && refusal.cause().startsWith("rate-limited") && shoppers.failed() == 0;
  }
}
