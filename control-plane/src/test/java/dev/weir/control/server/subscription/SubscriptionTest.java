package dev.weir.control.server.subscription;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.snapshot.Versioned;
import dev.weir.control.snapshot.View;
import dev.weir.control.snapshot.Views;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a client has, wants and has said of one type. */
class SubscriptionTest {
  private final Subscription subscription = new Subscription(View.EMPTY);

  /** {@code a1}: resource a in version 1. */
  private void now(String... resources) {
    subscription.advance(Views.of(resources));
  }

  /** What it is told of {@code resources}: the changed ones, and the absent with a minus. */
  private String told(boolean removals) {
    Change change = subscription.change(removals, name -> false);
    List<String> words = new ArrayList<>();
    change.changed().forEach(resource -> words.add(resource.name() + resource.version()));
    change.absent().forEach(name -> words.add("-" + name));
    assertEquals(words.isEmpty(), change.isEmpty());
    return String.join(" ", words);
  }

  private void send(String version) {
    subscription.sent(
        subscription.change(true, name -> false), version, "n" + version, Duration.ZERO);
  }

  private List<String> wanted(boolean removals) {
    return subscription.wanted(removals).stream().map(Versioned::toString).toList();
  }

  @Test
  void everythingIsWantedAndAnAnswerEvenIfThatIsNothing() {
    subscription.wantEverything();
    assertTrue(subscription.wildcard() && subscription.owesAnswer());
    assertFalse(subscription.isSettled(), "an answer is owed");
    now("b1", "a1");
    assertEquals("a1 b1", told(true));
    send("1");
    assertTrue(subscription.isSettled());
    assertFalse(subscription.owesAnswer());
    now("b2");
    assertEquals("b2 -a", told(true));
    assertEquals("b2", told(false), "nothing is taken away yet");
  }

  @Test
  void namesAreToldWhenTheyAreThereAndOnceWhenTheyAreNot() {
    now("a1", "c1");
    subscription.add(List.of("a", "b"));
    assertEquals(2, subscription.names().size());
    assertEquals("a1 -b", told(true));
    assertEquals("a1 -b", told(false), "it has none of b");
    send("1");
    assertEquals("", told(true));
    now("a1", "b1");
    assertEquals("b1", told(true));
    assertEquals(List.of("a@1", "b@1"), wanted(true));
  }

  /** A client could fill the memory with them. */
  @Test
  void namesThatAreNotThereAreWeighedUntilTheyAreGivenUpOrCome() {
    now("a1");
    subscription.add(List.of("a"));
    assertEquals(0, subscription.said());
    subscription.add(List.of("b", "cc"));
    subscription.add(List.of("b"));
    assertEquals(203, subscription.said());
    send("1");
    assertEquals(203, subscription.said(), "they are wanted still");
    now("a1", "b1");
    assertEquals(102, subscription.said());
    now("a1");
    assertEquals(102, subscription.said(), "it was there");
    subscription.remove(List.of("cc", "never"));
    assertEquals(0, subscription.said());
  }

  @Test
  void whatAClientClaimsToHaveIsWeighedUntilItIsTold() {
    subscription.wantEverything();
    now("a1");
    subscription.has(Map.of("a", "1", "gone", "1", "gone-too", "x".repeat(65)));
    assertEquals(212, subscription.said());
    assertEquals("-gone -gone-too", told(true));
    subscription.remove(List.of("gone"));
    assertEquals(212, subscription.said(), "it has it still");
    send("1");
    assertEquals(0, subscription.said());
  }

  @Test
  void givingUpWhatNobodyHasOwesNothing() {
    subscription.wantEverything();
    now("a1");
    send("1");
    subscription.remove(List.of("never", "nor this"));
    assertTrue(subscription.isSettled());
    assertEquals(0, subscription.said());
  }

  @Test
  void aNameIsNoLongerThanOneOfAMesh() {
    String longest = "n".repeat(Subscription.LONGEST_NAME);
    subscription.add(List.of(longest));
    String longer = longest + "n";
    assertThrows(IllegalArgumentException.class, () -> subscription.add(List.of(longer)));
    subscription.wantEverything();
    assertThrows(IllegalArgumentException.class, () -> subscription.has(Map.of(longer, "1")));
  }

  @Test
  void whatIsAskedForAgainIsSentAgain() {
    now("a1", "b1");
    subscription.add(List.of("a", "b", "x"));
    send("1");
    subscription.add(List.of("a", "x"));
    assertEquals("a1 -x", told(true));
    send("2");
    subscription.again(List.of(Views.of("b1").get("b"), Views.of("c1").get("c")));
    assertEquals("b1", told(true), "c it does not want");
  }

  @Test
  void listThatReplacesKeepsWhatItHad() {
    now("a1", "b1", "c1");
    subscription.add(List.of("a", "b"));
    send("1");
    subscription.replace(Set.of("b", "c"));
    assertEquals("c1", told(true));
    assertEquals(2, subscription.names().size());
  }

  @Test
  void nameThatIsRemovedIsForgotten() {
    now("a1");
    subscription.add(List.of("a"));
    send("1");
    subscription.remove(List.of("a"));
    now("a2");
    assertEquals("", told(true));
    now();
    assertEquals("", told(true));
  }

  @Test
  void whoGivesUpANameAndStillWantsEverythingIsToldOfItAsItIs() {
    now("a1", "b1");
    subscription.wantEverything();
    subscription.add(List.of("a", "x"));
    send("1");
    subscription.remove(List.of("a", "x"));
    assertEquals("a1", told(true));
    send("2");
    now("b1");
    assertEquals("-a", told(true));
  }

  @Test
  void whoStopsWantingEverythingKeepsTheNames() {
    now("a1", "b1");
    subscription.wantEverything();
    subscription.add(List.of("a"));
    send("1");
    subscription.stopWantingEverything();
    assertFalse(subscription.wildcard());
    now("a2", "b2");
    assertEquals("a2", told(true));
    now();
    assertEquals("-a", told(true));
  }

  @Test
  void clientThatComesBackNamesWhatItHas() {
    assertFalse(subscription.resumed());
    now("a1", "b1");
    subscription.wantEverything();
    subscription.has(Map.of("a", "1", "z", "1"));
    assertTrue(subscription.resumed());
    assertEquals("b1 -z", told(true));
    assertEquals("b1", told(false), "it may still refer to z");
  }

  @Test
  void clientThatComesBackIsNotSentWhatComesBackToWhatItHas() {
    now();
    subscription.add(List.of("a", "b"));
    subscription.has(Map.of("a", "2", "b", "1"));
    now("a1");
    now("a2", "b2");
    assertEquals("b2", told(true), "while it was held back, a became what it has");
  }

  @Test
  void whatTheClientHasOfTheOldIsKeptBesideTheNew() {
    now("a1", "b1");
    subscription.wantEverything();
    subscription.add(List.of("x"));
    send("1");
    assertFalse(subscription.keeps());
    now("b1", "c1");
    assertTrue(subscription.keeps());
    assertEquals(List.of("a@1", "b@1", "c@1"), wanted(false));
    assertEquals(List.of("b@1", "c@1"), wanted(true));
  }

  @Test
  void whatCameAndWentUnseenIsNeverTold() {
    subscription.wantEverything();
    send("0");
    now("a1");
    now();
    assertEquals("", told(true));
    now("b1");
    send("1");
    now("b2");
    now("b1");
    assertEquals("", told(true), "it is what the client has");
    assertTrue(subscription.isSettled());
  }

  @Test
  void answerIsOfTheLastResponse() {
    now("a1");
    subscription.add(List.of("a"));
    send("1");
    assertTrue(subscription.sentLast("n1"));
    assertFalse(subscription.sentLast("n0"));
    assertTrue(subscription.awaiting());
    assertEquals("1", subscription.versionSent());
    assertEquals("", subscription.versionAcked());
    subscription.accepted(false);
    assertFalse(subscription.awaiting());
    assertEquals("1", subscription.versionAcked());
    subscription.accepted(false);
    assertEquals("1", subscription.versionAcked());
  }

  @Test
  void refusalNamesWhatWasNewAndStaysUntilABetterVersionIsTaken() {
    now("a1", "b1");
    subscription.add(List.of("a", "b"));
    send("1");
    subscription.accepted(false);
    now("a2", "b1");
    send("2");
    Nack nack = subscription.refused("no", Instant.EPOCH);
    assertEquals(new Nack("2", new TreeSet<>(Set.of("a")), "no", Instant.EPOCH), nack);
    assertEquals(Optional.of(nack), subscription.nack());
    assertFalse(subscription.awaiting());
    subscription.accepted(false);
    assertEquals(Optional.of(nack), subscription.nack(), "nothing has been sent since");
    assertEquals("1", subscription.versionAcked());
    subscription.upTo("3");
    assertEquals("1", subscription.versionAcked(), "it is not up to what it refused");
    now("a3", "b1");
    send("4");
    subscription.accepted(false);
    assertEquals(Optional.empty(), subscription.nack());
    assertEquals("4", subscription.versionAcked());
  }

  @Test
  void refusalOfWhatIsNotWantedAnyMoreIsForgotten() {
    now("a1", "b1");
    subscription.add(List.of("a", "b"));
    send("1");
    subscription.refused("no", Instant.EPOCH);
    subscription.remove(List.of("a"));
    assertTrue(subscription.nack().isEmpty());
    assertEquals("b1", told(true), "it was refused with it, and may be right");
  }

  @Test
  void refusalStandsWhateverElseIsTaken() {
    now("a1", "b1");
    subscription.add(List.of("a", "b"));
    send("1");
    subscription.accepted(false);
    now("a2", "b1");
    send("2");
    subscription.refused("no", Instant.EPOCH);
    now("a2", "b2");
    send("3");
    subscription.accepted(false);
    assertEquals(Set.of("a"), subscription.nack().map(Nack::names).orElse(new TreeSet<>()));
    assertEquals("", told(true), "the same is not sent again");
    now("b2");
    assertTrue(subscription.nack().isEmpty(), "it is gone");
  }

  @Test
  void whatWasRefusedWithSomethingThatIsMendedComesAgain() {
    now("a1", "b1", "c1");
    subscription.add(List.of("a", "b", "c"));
    send("1");
    subscription.refused("a is wrong", Instant.EPOCH);
    now("a2", "b1", "c1");
    send("2");
    subscription.accepted(false);
    assertTrue(subscription.nack().isEmpty());
    assertEquals("b1 c1", told(true));
  }

  @Test
  void wholeResponseThatIsTakenEndsEveryRefusal() {
    now("a1", "b1");
    subscription.wantEverything();
    send("1");
    subscription.refused("no", Instant.EPOCH);
    now("a1", "b2");
    send("2");
    subscription.accepted(true);
    assertTrue(subscription.nack().isEmpty());
    assertEquals("", told(true));
  }

  @Test
  void reasonOfARefusalIsCut() {
    now("a1");
    subscription.add(List.of("a"));
    send("1");
    assertEquals(4099, subscription.refused("x".repeat(1 << 20), Instant.EPOCH).reason().length());
  }

  @Test
  void versionWithoutNewsIsOneThatItIsUpTo() {
    now("a1");
    subscription.add(List.of("a"));
    send("1");
    subscription.upTo("2");
    assertEquals("", subscription.versionAcked(), "the response is not answered");
    subscription.accepted(false);
    subscription.upTo("2");
    assertEquals("2", subscription.versionAcked());
    assertEquals("2", subscription.versionSent());
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
