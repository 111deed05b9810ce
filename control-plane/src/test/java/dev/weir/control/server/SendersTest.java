package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.testkit.Await;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is handed over many at a time. */
class SendersTest {
  private static final int MANY = 1000;

  private final List<Throwable> mistakes = new CopyOnWriteArrayList<>();
  private final List<Integer> done = new CopyOnWriteArrayList<>();

  @Test
  void whatIsOfOneStreamIsDoneInOrder() {
    try (Senders senders = new Senders(2, mistakes::add)) {
      Executor stream = senders.of(7);
      for (int i = 0; i < MANY; i++) {
        int number = i;
        stream.execute(() -> done.add(number));
        if (i % 3 == 0) {
          senders.flush();
        }
      }
      senders.flush();
      Await.until(() -> done.size() == MANY);
    }
    assertEquals(IntStream.range(0, MANY).boxed().toList(), done);
  }

  @Test
  void manyDoNotWaitForAFlush() {
    try (Senders senders = new Senders(1, mistakes::add)) {
      for (int i = 0; i < MANY; i++) {
        senders.of(i).execute(() -> done.add(1));
      }
      Await.until(() -> done.size() >= MANY - 64);
    }
  }

  @Test
  void mistakeOfOneCostsNoOther() {
    try (Senders senders = new Senders(1, mistakes::add)) {
      senders
          .of(1)
          .execute(() -> {
            throw new IllegalStateException("of ours");
          });
      senders.of(2).execute(() -> done.add(2));
      senders.flush();
      Await.until(() -> done.equals(List.of(2)));
    }
    assertEquals(List.of("of ours"), mistakes.stream().map(Throwable::getMessage).toList());
  }

  @Test
  void whatComesAfterTheEndIsDropped() {
    Senders senders = new Senders(1, mistakes::add);
    senders.close();
    senders.of(1).execute(() -> done.add(1));
    senders.flush(); // the control thread's last task ends after the senders have
    assertEquals(List.of(), done);
    assertEquals(List.of(), mistakes);
  }
}
