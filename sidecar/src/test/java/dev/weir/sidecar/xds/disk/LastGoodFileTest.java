package dev.weir.sidecar.xds.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LastGoodFileTest {
  private static final List<Resource> RESOURCES =
      List.of(
          resource(ResourceType.CLUSTER, "app", "1", "cluster bytes"),
          resource(ResourceType.ROUTE, "tablé", "", ""));

  @TempDir private Path folder;
  private Path path;
  private final List<String> log = new ArrayList<>();
  private LastGoodFile file;

  @BeforeEach
  void open() {
    path = folder.resolve("state/last-good");
    file = new LastGoodFile(path, "cart-0", log::add);
  }

  @Test
  void whatIsWrittenIsReadAgainAndNothingElseIsLeftBehind() throws IOException {
    file.write(List.of());
    file.write(RESOURCES);

    assertEquals(Optional.of(RESOURCES), file.read());
    assertEquals(List.of(), log);
    try (Stream<Path> files = Files.list(path.getParent())) {
      assertEquals(List.of(path), files.toList());
    }
  }

  @Test
  void whatACrashLeftHalfWrittenIsSweptAway() throws IOException {
    Files.createDirectories(path.getParent());
    Files.writeString(path.resolveSibling(".last-good123.tmp"), "half");
    Path other = Files.writeString(path.resolveSibling("other.tmp"), "another's");

    file.write(RESOURCES);

    try (Stream<Path> files = Files.list(path.getParent())) {
      assertEquals(List.of(path, other), files.sorted().toList());
    }
  }

  @Test
  void noFileIsNothingToSpeakOf() {
    assertEquals(Optional.empty(), file.read());
    assertEquals(List.of(), log);
  }

  @Test
  void aFileCutOffAnywhereIsIgnored() throws IOException {
    file.write(RESOURCES);
    byte[] whole = Files.readAllBytes(path);
    for (int length = 0; length < whole.length; length++) {
      Files.write(path, Arrays.copyOf(whole, length));
      assertEquals(Optional.empty(), file.read(), "cut at " + length);
    }
    assertEquals(whole.length, log.size());
  }

  @Test
  void aFlippedBitAnywhereIsNoticed() throws IOException {
    file.write(RESOURCES);
    byte[] whole = Files.readAllBytes(path);
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x10;
      Files.write(path, damaged);
      assertEquals(Optional.empty(), file.read(), "flipped at " + at);
    }
  }

  @Test
  void theFileOfAnotherNodeIsIgnored() {
    new LastGoodFile(path, "cart-1", log::add).write(RESOURCES);

    assertEquals(Optional.empty(), file.read());
    assertEquals(
        List.of(
            path
                + ": the last good configuration is not used: it is of the node \"cart-1\", not"
                + " \"cart-0\"; it is written anew once the control plane has answered"),
        log);
  }

  @Test
  void aFolderThatCannotBeWrittenIsOneLine() throws IOException {
    Files.writeString(folder.resolve("state"), "a file in the way");

    file.write(RESOURCES);

    assertEquals(1, log.size());
    assertTrue(
        log.getFirst().startsWith(path + ": the last good configuration is not written: "),
        log.getFirst());
  }

  private static Resource resource(ResourceType type, String name, String version, String content) {
    return new Resource(
        type,
        name,
        version,
        Any.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setValue(ByteString.copyFromUtf8(content))
            .build());
  }
}
