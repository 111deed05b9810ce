package dev.weir.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A client that floods is held back alone. */
final class FloodScene implements Scene {
  /** So many calls at once that even slow answers make a flood. */
  private static final int HANDS = 8;

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
    AtomicReference<@Nullable Answer> last = new AtomicReference<>();
    List<Thread> hands = new ArrayList<>();
    for (int i = 0; i < HANDS; i++) {
      hands.add(Thread.ofVirtual().start(() -> flood(stage, noisy, last)));
    }
    for (Thread hand : hands) {
      hand.join();
    }
    Answer refusal = last.get();
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

  private static void flood(Stage stage, Tally noisy, AtomicReference<@Nullable Answer> refusal) {
    try {
      for (int i = 0; i < (stage.fast() ? 100 : 200) / HANDS; i++) {
        Answer answer = stage.caller().get(Stage.FRONTEND, Map.of("x-client", "noisy"));
        noisy.add(answer);
        if (answer.status() == 429) {
          refusal.set(answer);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the story is over
    }
  }
}
