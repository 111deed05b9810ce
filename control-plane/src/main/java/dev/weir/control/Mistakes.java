package dev.weir.control;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tells of the program's own mistakes: the first at a place with its stack, and of more at the same
 * place how many there were, at ten, a hundred and so on. Any thread.
 */
final class Mistakes implements Consumer<Throwable> {
  /** Places; what comes at others then is told each time, in a line. */
  private static final int MOST = 1000;

  private final PrintStream out;
  private final Map<String, Integer> times = new HashMap<>();

  Mistakes(PrintStream out) {
    this.out = out;
  }

  @Override
  public synchronized void accept(Throwable mistake) {
    String place =
        mistake.getClass().getName()
            + Arrays.stream(mistake.getStackTrace()).findFirst().map(String::valueOf).orElse("");
    if (!times.containsKey(place) && times.size() >= MOST) {
      out.println("weir control-plane: a mistake of its own: " + mistake);
      return;
    }
    int count = times.merge(place, 1, Integer::sum);
    if (count == 1) {
      out.print("weir control-plane: a mistake of its own: ");
      mistake.printStackTrace(out);
    } else if (isRound(count)) {
      out.println("weir control-plane: %d times now: %s".formatted(count, mistake));
    }
  }

  private static boolean isRound(int count) {
    int rest = count;
    while (rest % 10 == 0) {
      rest /= 10;
    }
    return rest == 1;
  }
}
