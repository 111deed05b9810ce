package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import dev.weir.control.snapshot.Versioned;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a client has, wants and has said of one type. */
class SubscriptionTest {
  private final Subscription subscription = new Subscription();

  /** {@code a1}: resource a in version 1. */
  private static SortedMap<String, Versioned> target(String... resources) {
    SortedMap<String, Versioned> target = new TreeMap<>();
    for (String each : resources) {
      String name = each.substring(0, 1);
      target.put(name, new Versioned(name, each.substring(1), Any.getDefaultInstance()));
    }
    return target;
  }

  /** Changed resources, and the absent with a minus. */
  private String told(SortedMap<String, Versioned> target, boolean removals) {
    Subscription.Change change = subscription.change(target, removals);
    List<String> words = new ArrayList<>();
    change.changed().forEach(resource -> words.add(resource.name() + resource.version()));
    change.absent().forEach(name -> words.add("-" + name));
    assertEquals(words.isEmpty(), change.isEmpty());
    return String.join(" ", words);
  }

  private void send(SortedMap<String, Versioned> target, String version) {
    subscription.sent(subscription.change(target, true), version, "n" + version);
  }

  @Test
  void everythingIsWantedAndAnAnswerEvenIfThatIsNothing() {
    subscription.wantEverything();
    assertTrue(subscription.wildcard() && subscription.owesAnswer());
    assertFalse(subscription.isUpTo(""), "an answer is owed");
    assertEquals("a1 b1", told(target("b1", "a1"), true));
    send(target("a1", "b1"), "1");
    assertFalse(subscription.owesAnswer());
    assertEquals("b2 -a", told(target("b2"), true));
    assertEquals("b2", told(target("b2"), false), "nothing is taken away yet");
  }

  @Test
  void namesAreToldWhenTheyAreThereAndOnceWhenTheyAreNot() {
    subscription.add(List.of("a", "b"));
    assertEquals(2, subscription.names());
    assertEquals("a1 -b", told(target("a1", "c1"), true));
    send(target("a1", "c1"), "1");
    assertEquals("", told(target("a1", "c1"), true));
    assertEquals("b1", told(target("a1", "b1"), true));
    assertEquals(Set.of("a"), subscription.wanted(target("a1", "c1")).keySet());
  }

  @Test
  void whatIsAskedForAgainIsSentAgain() {
    subscription.add(List.of("a", "b"));
    send(target("a1", "b1"), "1");
    subscription.add(List.of("a"));
    assertEquals("a1", told(target("a1", "b1"), true));
    send(target("a1", "b1"), "1");
    subscription.forget(List.of("b"));
    assertEquals("b1", told(target("a1", "b1"), true));
  }

  @Test
  void listThatReplacesKeepsWhatItHad() {
    subscription.add(List.of("a", "b"));
    send(target("a1", "b1", "c1"), "1");
    subscription.replace(Set.of("b", "c"));
    assertEquals("c1", told(target("a1", "b1", "c1"), true));
    assertEquals(2, subscription.names());
  }

  @Test
  void nameThatIsRemovedIsForgottenUnlessEverythingIsWanted() {
    subscription.add(List.of("a"));
    send(target("a1"), "1");
    subscription.remove(List.of("a"));
    assertEquals("", told(target("a2"), true));
    assertEquals("", told(target(), true));

    subscription.wantEverything();
    subscription.add(List.of("a"));
    send(target("a1"), "2");
    subscription.remove(List.of("a"));
    assertEquals("", told(target("a1"), true));
    assertEquals("-a", told(target(), true));
  }

  @Test
  void whoStopsWantingEverythingKeepsTheNames() {
    subscription.wantEverything();
    subscription.add(List.of("a"));
    send(target("a1", "b1"), "1");
    subscription.stopWantingEverything();
    assertFalse(subscription.wildcard());
    assertEquals("a2", told(target("a2", "b2"), true));
    assertEquals("-a", told(target(), true));
  }

  @Test
  void clientThatComesBackNamesWhatItHas() {
    assertFalse(subscription.resumed());
    subscription.has(Map.of("a", "1", "z", "1"));
    subscription.add(List.of());
    subscription.wantEverything();
    assertTrue(subscription.resumed());
    assertEquals("b1 -z", told(target("a1", "b1"), true));
  }

  @Test
  void whatTheClientHasOfTheOldIsKeptBesideTheNew() {
    subscription.wantEverything();
    subscription.add(List.of("x"));
    send(target("a1", "b1"), "1");
    assertEquals(
        Set.of("a", "c"),
        subscription.keeping(target("a1", "x1", "y1"), target("c1")).keySet(),
        "neither what it was told is absent, nor what it never had");
  }

  @Test
  void answerIsOfTheLastResponse() {
    subscription.add(List.of("a"));
    send(target("a1"), "1");
    assertTrue(subscription.sentLast("n1"));
    assertFalse(subscription.sentLast("n0"));
    assertTrue(subscription.awaiting());
    assertEquals("1", subscription.versionSent());
    assertEquals("", subscription.versionAcked());
    subscription.accepted();
    assertFalse(subscription.awaiting());
    assertEquals("1", subscription.versionAcked());
    subscription.accepted();
    assertEquals("1", subscription.versionAcked());
  }

  @Test
  void refusalNamesWhatWasNewAndStaysUntilABetterVersionIsTaken() {
    subscription.add(List.of("a", "b"));
    send(target("a1", "b1"), "1");
    subscription.accepted();
    send(target("a2", "b1"), "2");
    Subscription.Nack nack = subscription.refused("no", Instant.EPOCH);
    assertEquals(new Subscription.Nack("2", new TreeSet<>(Set.of("a")), "no", Instant.EPOCH), nack);
    assertEquals(Optional.of(nack), subscription.nack());
    assertFalse(subscription.awaiting());
    subscription.accepted();
    assertEquals(Optional.of(nack), subscription.nack(), "nothing has been sent since");
    assertEquals("1", subscription.versionAcked());
    subscription.passOver(subscription.change(target("a2", "b1"), true), "3", true);
    assertEquals("1", subscription.versionAcked(), "it is not up to what it refused");
    send(target("a3", "b1"), "4");
    subscription.accepted();
    assertEquals(Optional.empty(), subscription.nack());
    assertEquals("4", subscription.versionAcked());
  }

  @Test
  void refusalOfWhatIsNotWantedAnyMoreIsForgotten() {
    subscription.add(List.of("a", "b"));
    send(target("a1", "b1"), "1");
    subscription.refused("no", Instant.EPOCH);
    subscription.remove(List.of("a"));
    assertTrue(subscription.nack().isPresent(), "b was refused with it");
    subscription.remove(List.of("b"));
    assertTrue(subscription.nack().isEmpty());
  }

  @Test
  void versionWithoutNewsIsPassedOverAndNotLookedAtAgain() {
    subscription.add(List.of("a"));
    send(target("a1"), "1");
    subscription.accepted();
    assertFalse(subscription.isUpTo("2"));
    subscription.passOver(subscription.change(target("a1", "b1"), true), "2", true);
    assertTrue(subscription.isUpTo("2"));
    assertFalse(subscription.isUpTo("3"));
    assertEquals("2", subscription.versionAcked());
    assertEquals("2", subscription.versionSent());
    subscription.passOver(subscription.change(target("a1"), false), "3", false);
    assertFalse(subscription.isUpTo("3"), "what is gone has not been looked at");
  }

  @Test
  void whateverChangesWhatIsWantedIsALookAgain() {
    subscription.wantEverything();
    for (Runnable change :
        List.<Runnable>of(
            () -> subscription.add(List.of()),
            () -> subscription.remove(List.of()),
            () -> subscription.forget(List.of()),
            () -> subscription.has(Map.of()),
            subscription::stopWantingEverything,
            subscription::wantEverything)) {
      send(target("a1"), "1");
      subscription.accepted();
      subscription.passOver(subscription.change(target("a1"), true), "2", true);
      assertTrue(subscription.isUpTo("2"));
      change.run();
      assertFalse(subscription.isUpTo("2"));
    }
  }

  @Test
  void responseThatIsNotAnsweredIsNotPassedOver() {
    subscription.add(List.of("a"));
    send(target("a1"), "1");
    subscription.passOver(subscription.change(target("a1"), true), "2", true);
    assertEquals("", subscription.versionAcked());
    assertFalse(subscription.isUpTo("2"));
  }

  @Test
  void namesHaveABound() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < Subscription.MAX_NAMES; i++) {
      names.add("n" + i);
    }
    subscription.add(names);
    assertEquals(
        "more than 100000 names",
        assertThrows(IllegalArgumentException.class, () -> subscription.add(List.of("one more")))
            .getMessage());
  }
}
