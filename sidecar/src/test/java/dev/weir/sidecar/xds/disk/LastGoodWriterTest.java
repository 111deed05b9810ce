package dev.weir.sidecar.xds.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.testkit.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastGoodWriterTest {
  @Test
  void whatIsWrittenLastIsWhatIsThereAfterTheEnd(@TempDir Path folder) {
    CopyOnWriteArrayList<String> log = new CopyOnWriteArrayList<>();
    LastGoodFile file = new LastGoodFile(folder.resolve("cart"), "cart-0", log::add);
    LastGoodWriter writer = new LastGoodWriter(file);
    for (int i = 0; i < 200; i++) {
      writer.write(List.of(resource("v" + i)));
    }
    writer.close();
    assertEquals(Optional.of("v199"), file.read().map(resources -> resources.getFirst().version()));
    assertEquals(List.of(), log);
  }

  @Test
  void itsThreadEndsWhenThereIsNothingToWrite(@TempDir Path folder) {
    LastGoodFile file = new LastGoodFile(folder.resolve("cart"), "cart-0", line -> {});
    try (LastGoodWriter writer = new LastGoodWriter(file)) {
      writer.write(List.of());
      Await.until(() -> file.read().isPresent());
      Await.until(() ->
          Thread.getAllStackTraces().keySet().stream()
              .noneMatch(thread -> thread.getName().equals("last-good")));
      writer.write(List.of(resource("v1")));
    }
    assertEquals(1, file.read().orElseThrow().size(), "and begins again");
  }

  private static Resource resource(String version) {
    return new Resource(
        ResourceType.CLUSTER, "cart", version, com.google.protobuf.Any.getDefaultInstance());
  }
}
