package dev.weir.sidecar.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdleListTest {
  private final IdleList list = new IdleList(2);
  private final List<String> gone = new ArrayList<>();
  private final IdleList.Entry a = new IdleList.Entry(() -> gone.add("a"));
  private final IdleList.Entry b = new IdleList.Entry(() -> gone.add("b"));
  private final IdleList.Entry c = new IdleList.Entry(() -> gone.add("c"));

  @Test
  void theLongestIdleGoes() {
    list.add(a);
    list.add(b);
    list.add(c);
    assertEquals(List.of("a"), gone);
    list.add(a);
    assertEquals(List.of("a", "b"), gone);
  }

  @Test
  void whatIsIdleAgainIsNewest() {
    list.add(a);
    list.add(b);
    a.leave();
    list.add(a);
    list.add(a);
    list.add(c);
    assertEquals(List.of("b"), gone);
  }

  @Test
  void whatIsInUseDoesNotCount() {
    list.add(a);
    list.add(b);
    b.leave();
    b.leave();
    list.add(c);
    assertEquals(List.of(), gone);
    a.leave();
    c.leave();
    assertEquals(0, list.size());
  }

  @Test
  void theLimitOfDescriptorsIsTheSystems(@TempDir Path folder) throws IOException {
    Path limits = folder.resolve("limits");
    Files.writeString(
        limits,
        """
        Limit                     Soft Limit           Hard Limit           Units
        Max processes             63711                63711                processes
        Max open files            20000                524288               files
        """);
    assertEquals(20_000, Descriptors.read(limits));
    assertEquals(1024, Descriptors.read(folder.resolve("none")));
  }
}
