package dev.weir.sidecar.xds.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is in force of one type, what waits, and what was refused. */
class TableTest {
  private Instant now = Instant.EPOCH;
  private final Table<String> table = new Table<>(() -> now);

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

  private List<ResourceFact> facts() {
    return table.facts(List.of(), name -> ResourceFact.Asked.ANSWERED);
  }

  private ResourceFact fact(String name) {
    return facts().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  private static String version(Optional<ResourceFact.Held> held) {
    return held.map(each -> each.resource().version()).orElse("none");
  }

  private void refuse(String name) {
    table.refuse(name, Optional.of(resource(name, "9", "bad")), "no");
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
    refuse("a");
    assertEquals(
        Optional.of(
            new ResourceFact.Refusal(
                "no", Optional.of("9"), Optional.of(resource("a", "9", "bad")), now)),
        fact("a").refused());
    put("a", "1", "good");
    assertEquals(Optional.empty(), fact("a").refused());
    refuse("a");
    table.touch(resource("a", "2", "good"));
    assertEquals(Optional.empty(), fact("a").refused());
    refuse("a");
    table.remove(Set.of("a"));
    assertEquals(List.of(), facts());
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
    refuse("d");
    assertFalse(table.retain(Set.of("a", "b")));
    assertEquals(Set.of("a", "b"), table.names());
    assertEquals(List.of("a", "b"), facts().stream().map(ResourceFact::name).toList());
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

  @Test
  void contentIsAsOldAsItIsUnderAnyVersion() {
    put("a", "1", "old");
    table.promote(value -> true);
    now = now.plusSeconds(1);
    table.touch(resource("a", "2", "old"));
    assertEquals(Instant.EPOCH, fact("a").inForce().orElseThrow().since());
    put("a", "3", "new");
    assertEquals(now, fact("a").warming().orElseThrow().since());
  }

  @Test
  void refusedContentIsKeptUpToABound() {
    byte[] large = new byte[Table.MOST_REFUSED_BYTES / 2 + 1];
    for (String name : List.of("a", "b")) {
      Resource resource =
          new Resource(
              ResourceType.CLUSTER,
              name,
              "1",
              Any.newBuilder().setValue(ByteString.copyFrom(large)).build());
      table.refuse(name, Optional.of(resource), "no");
    }
    assertTrue(fact("a").refused().orElseThrow().resource().isPresent());
    ResourceFact.Refusal second = fact("b").refused().orElseThrow();
    assertEquals(Optional.empty(), second.resource());
    assertEquals(Optional.of("1"), second.version());
    put("a", "2", "good");
    refuse("c");
    assertTrue(fact("c").refused().orElseThrow().resource().isPresent());
  }

  @Test
  void refusalOfWhatIsGoneIsForgotten() {
    refuse("a");
    table.forgive(List.of("a", "b"));
    assertTrue(table.facts(List.of(), name -> ResourceFact.Asked.ANSWERED).isEmpty());
  }

  @Test
  void namesThatAreAskedForAreFactsToo() {
    put("a", "1", "a");
    ResourceFact missing =
        table.facts(List.of("a", "m"), name -> ResourceFact.Asked.WAITING).get(1);
    assertEquals("m", missing.name());
    assertEquals(ResourceFact.Asked.WAITING, missing.asked());
    assertEquals(Optional.empty(), missing.inForce());
  }
}
