package dev.weir.sidecar.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What memory a container has left. */
class RoomTest {
  @TempDir Path cgroup;

  private void file(String name, String text) throws IOException {
    Path file = cgroup.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void memoryIsWhatTheLimitLeavesWithFilesThatAreCached() throws IOException {
    file("memory.max", "1000\n");
    file("memory.current", "700\n");
    file("memory.stat", "anon 500\ninactive_file 150\nactive_file 50\n");
    assertEquals(450, Room.memory(cgroup));
  }

  @Test
  void olderCgroupsSayItByOtherNames() throws IOException {
    file("memory/memory.limit_in_bytes", "1000\n");
    file("memory/memory.usage_in_bytes", "700\n");
    assertEquals(300, Room.memory(cgroup));
  }

  @Test
  void withoutALimitThereIsPlenty() throws IOException {
    file("memory.max", "max\n");
    file("memory.current", "700\n");
    assertEquals(Long.MAX_VALUE, Room.memory(cgroup));
  }
}
