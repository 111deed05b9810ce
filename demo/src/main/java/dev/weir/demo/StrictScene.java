package dev.weir.demo;

import java.io.IOException;
import java.time.Duration;

/** From one moment to the next whoever is not of the mesh is refused; who is notices nothing. */
final class StrictScene implements Scene {
  private static final String FILE = "strict.yaml";
  private static final String STRICT =
      """
      apiVersion: weir.dev/v1alpha1
      kind: AuthenticationPolicy
      metadata: {name: shop, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Namespace, name: shop}]
        mtls: {mode: Strict}
      """;
  private static final Duration LIMIT = Duration.ofSeconds(15);

  private int outsiders;

  @Override
  public String name() {
    return "strict";
  }

  @Override
  public String title() {
    return "The mesh turns Strict under load: outsiders are refused, and nobody else";
  }

  @Override
  public boolean play(Stage stage, Teller teller, Figures figures)
      throws IOException, InterruptedException {
    boolean before = outsiderIsAnswered(stage);
    teller.say(
        "a program without a sidecar calls the inventory in plain text: %s",
        before ? "answered" : "refused");
    Tally shoppers = stage.load().watch();
    boolean refused;
    boolean opened;
    try {
      long edited = System.nanoTime();
      stage.edit(FILE, STRICT);
      refused = Stage.eventually(LIMIT, () -> !outsiderIsAnswered(stage));
      double millis = (System.nanoTime() - edited) / 1e6;
      teller.say(
          refused
              ? "mtls: {mode: Strict} for the namespace: it is refused, %.0f ms later"
              : "mtls: {mode: Strict} for the namespace: it is still answered after %.0f ms",
          millis);
      Stage.pause(Duration.ofSeconds(stage.fast() ? 1 : 3));
      figures.put("strict_ms", millis);
    } finally {
      stage.remove(FILE);
      opened = Stage.eventually(LIMIT, () -> outsiderIsAnswered(stage));
      stage.load().forget(shoppers);
    }
    teller.say("the shoppers meanwhile: %s", shoppers);
    figures.put("strict_calls", shoppers.total());
    figures.put("strict_failed", shoppers.failed());
    return before && refused && opened && shoppers.total() > 0 && shoppers.failed() == 0;
  }

  private boolean outsiderIsAnswered(Stage stage) throws IOException, InterruptedException {
    outsiders++;
    return stage.outsiderIsAnswered("outsider-" + outsiders);
  }
}
