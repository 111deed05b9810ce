package dev.weir.control.server.subscription;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.snapshot.View;
import dev.weir.control.snapshot.Views;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Whatever a client asks for and whatever changes, in any order: when it has taken all that it is
 * told, it has what it wants as it is, and nothing of that which is gone.
 */
class SubscriptionLawTest {
  private static final String LETTERS = "abcdef";

  @Property(tries = 2000)
  void clientHasWhatItWants(@ForAll Random random) {
    Map<String, String> world = new TreeMap<>();
    Map<String, String> has = new TreeMap<>();
    Set<String> names = new TreeSet<>();
    boolean wildcard = false;
    Subscription subscription = new Subscription(View.EMPTY);
    for (int step = 0; step < 40; step++) {
      Set<String> some = some(random);
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          change(world, random);
          subscription.advance(view(world));
        }
        case 3 -> {
          subscription.add(some);
          names.addAll(some);
        }
        case 4 -> {
          subscription.remove(some);
          names.removeAll(some);
        }
        case 5 -> {
          if (wildcard) {
            subscription.stopWantingEverything();
          } else {
            subscription.wantEverything();
          }
          wildcard = !wildcard;
        }
        default -> take(subscription, random.nextBoolean(), has);
      }
      if (!wildcard) {
        has.keySet().retainAll(names); // What it does not want a client throws away.
      }
    }
    take(subscription, false, has);
    take(subscription, true, has);
    Map<String, String> wanted = new TreeMap<>(world);
    if (!wildcard) {
      wanted.keySet().retainAll(names);
    }
    assertEquals(wanted, has);
    subscription.change(true, name -> false);
    assertEquals(true, subscription.isSettled());
    subscription.remove(Set.copyOf(names));
    if (wildcard) {
      subscription.stopWantingEverything();
    }
    assertEquals(0, subscription.said(), "of what nobody wants nothing is kept");
  }

  private static void take(Subscription subscription, boolean removals, Map<String, String> has) {
    Change change = subscription.change(removals, name -> false);
    subscription.sent(change, "", "", Duration.ZERO);
    change.changed().forEach(resource -> has.put(resource.name(), resource.version()));
    change.absent().forEach(has::remove);
    if (removals) {
      List<String> all = new ArrayList<>();
      subscription.wanted(true).forEach(resource -> all.add(resource.name()));
      assertEquals(List.copyOf(has.keySet()), all, "all at once is the same");
    }
  }

  private static Set<String> some(Random random) {
    Set<String> some = new TreeSet<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      some.add(letter(random));
    }
    return some;
  }

  private static String letter(Random random) {
    return String.valueOf(LETTERS.charAt(random.nextInt(LETTERS.length())));
  }

  private static void change(Map<String, String> world, Random random) {
    String name = letter(random);
    if (random.nextInt(3) == 0) {
      world.remove(name);
    } else {
      world.put(name, String.valueOf(random.nextInt(3)));
    }
  }

  private static View view(Map<String, String> world) {
    List<String> resources = new ArrayList<>();
    world.forEach((name, version) -> resources.add(name + version));
    return Views.of(resources);
  }
}
