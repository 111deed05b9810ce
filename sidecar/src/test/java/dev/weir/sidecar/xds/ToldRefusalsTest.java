package dev.weir.sidecar.xds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Any;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is told of resources that are refused again and again. */
class ToldRefusalsTest {
  private static final ResourceType TYPE = ResourceType.CLUSTER;

  private final List<String> lines = new ArrayList<>();
  private final ToldRefusals told = new ToldRefusals(lines::add);

  private void refuse(String name, String reason) {
    told.tell(TYPE, List.of(new Refused(TYPE, name, "", reason)), List.of(resource(name)));
  }

  private static Resource resource(String name) {
    return new Resource(TYPE, name, "1", Any.getDefaultInstance());
  }

  @Test
  void theSameReasonIsToldOnceHoweverOftenItComes() {
    for (int i = 0; i < 1000; i++) {
      refuse("a", "is wrong");
    }
    assertEquals(
        List.of("xds: refused cluster \"a\": is wrong. The last good one stays in force."), lines);
    refuse("a", "is wrong elsewhere");
    refuse("b", "is wrong");
    assertEquals(3, lines.size());
  }

  @Test
  void whatWasTakenMeanwhileIsToldAnew() {
    refuse("a", "is wrong");
    told.tell(TYPE, List.of(), List.of(resource("a")));
    refuse("a", "is wrong");
    assertEquals(2, lines.size());
  }

  @Test
  void countlessNamesAreToldAndNotRemembered() {
    for (int i = 0; i < 2000; i++) {
      refuse("a" + i, "is wrong");
    }
    assertEquals(2000, lines.size());
    refuse("a0", "is wrong");
    assertEquals(2001, lines.size());
  }
}
