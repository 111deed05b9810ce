package dev.weir.sidecar.xds.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is in force of one type, what waits, and what was refused. */
class TableTest {
  private final Table<String> table = new Table<>();

  private static Resource resource(String name, String version, String body) {
    return new Resource(
        ResourceType.CLUSTER,
        name,
        version,
        Any.newBuilder().setValue(ByteString.copyFromUtf8(body)).build());
  }

  private void put(String name, String version, String body) {
    table.put(resource(name, version, body), body);
  }

  private ResourceFact fact(String name) {
    return table.facts().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static String version(Optional<Resource> resource) {
    return resource.map(Resource::version).orElse("none");
  }

  @Test
  void whatWaitsLeavesWhatIsInForceUntilItIsReady() {
    put("a", "1", "old");
    assertEquals(List.of("a"), table.promote(value -> true));
    put("a", "2", "new");
    assertEquals(List.of(), table.promote(value -> false));
    assertEquals(Optional.of("old"), table.active("a"));
    assertEquals(List.of("new"), table.newest());
    assertTrue(table.isActive("a") && table.isWarming("a") && table.hasWarming());
    assertEquals(List.of("a"), table.promote(value -> true));
    assertEquals(Map.of("a", "new"), table.activeByName());
    assertFalse(table.isWarming("a") || table.hasWarming());
  }

  @Test
  void sameContentUnderAnotherVersionIsNotedWhereItIs() {
    put("a", "1", "old");
    table.promote(value -> true);
    table.touch(resource("a", "2", "old"));
    assertEquals("2", version(fact("a").inForce()));
    put("a", "3", "new");
    table.touch(resource("a", "4", "new"));
    assertEquals("2", version(fact("a").inForce()), "what waits is touched, not what is in force");
    assertEquals("4", version(fact("a").warming()));
    assertEquals(Optional.of("old"), table.active("a"));
  }

  @Test
  void knowsItsNewestContentAgain() {
    assertFalse(table.has(resource("a", "1", "old")));
    put("a", "1", "old");
    assertTrue(table.has(resource("a", "2", "old")));
    table.promote(value -> true);
    assertTrue(table.has(resource("a", "2", "old")));
    put("a", "3", "new");
    assertFalse(table.has(resource("a", "4", "old")));
    assertTrue(table.has(resource("a", "4", "new")));
    assertFalse(table.has(resource("b", "4", "new")));
  }

  @Test
  void refusalIsToldUntilTheNextThatIsTakenOrTheEnd() {
    table.refuse("a", "no");
    assertEquals(Optional.of("no"), fact("a").refused());
    put("a", "1", "good");
    assertEquals(Optional.empty(), fact("a").refused());
    table.refuse("a", "no");
    table.touch(resource("a", "2", "good"));
    assertEquals(Optional.empty(), fact("a").refused());
    table.refuse("a", "no");
    table.remove(Set.of("a"));
    assertEquals(List.of(), table.facts());
  }

  @Test
  void removalSaysWhetherSomethingInForceIsGone() {
    put("a", "1", "a");
    put("b", "1", "b");
    assertFalse(table.remove(Set.of("a", "c")), "it only waited");
    table.promote(value -> true);
    assertTrue(table.remove(Set.of("b")));
    assertEquals(Set.of(), table.names());
  }

  @Test
  void retainKeepsWhatIsNamedAndForgetsOtherRefusals() {
    put("a", "1", "a");
    put("b", "1", "b");
    table.promote(value -> true);
    put("c", "1", "c");
    table.refuse("d", "no");
    assertFalse(table.retain(Set.of("a", "b")));
    assertEquals(Set.of("a", "b"), table.names());
    assertEquals(List.of("a", "b"), table.facts().stream().map(ResourceFact::name).toList());
    assertTrue(table.retain(Set.of("a")));
    assertEquals(List.of("a"), table.active());
  }

  @Test
  void whatCameWithTheBootstrapStays() {
    table.putStatic("s", "static");
    assertFalse(table.isFree("s"));
    assertTrue(table.isFree("other"));
    table.promote(value -> true);
    assertFalse(table.isFree("s"));
    assertFalse(table.retain(Set.of()));
    assertFalse(table.remove(Set.of("s")));
    assertEquals(Optional.of("static"), table.active("s"));
    assertEquals(List.of(), table.resources());
    put("a", "1", "a");
    table.promote(value -> true);
    assertTrue(table.isFree("a"));
    assertEquals(List.of("a"), table.resources().stream().map(Resource::name).toList());
  }
}
