package dev.weir.sidecar.filter.http.jwtauthn;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.client.WholeRequest;
import dev.weir.sidecar.runtime.Clock;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the keys of a provider come from. They are fetched again when they are old, and when a
 * token names a key that is not among them, which anyone can do and so happens seldom. Those that
 * are there do meanwhile, and while the source is away: who needs no others waits for none, unless
 * nobody has asked for so long that a key may have been withdrawn long ago. Any thread.
 */
final class KeySource {
  /** From an answer, or its absence, to the next question. */
  private static final long SELDOM_NANOS = Duration.ofSeconds(5).toNanos();

  private final JwtConfig.Keys.@Nullable Remote remote;
  private final @Nullable Supplier<AsyncClient> client;
  private final Clock clock;
  private final Runnable curves;

  private volatile @Nullable KeySet keys;
  private long fetchedAt;
  private long answeredAt;
  private boolean answered;
  private boolean asking;

  /** The last question had no answer. */
  private boolean away;

  private final List<Runnable> waiting = new ArrayList<>();

  private KeySource(
      @Nullable KeySet keys,
      JwtConfig.Keys.@Nullable Remote remote,
      @Nullable Supplier<AsyncClient> client,
      Clock clock,
      Runnable curves) {
    this.keys = keys;
    this.remote = remote;
    this.client = client;
    this.clock = clock;
    this.curves = curves;
  }

  static KeySource of(KeySet keys, Clock clock) {
    return new KeySource(keys, null, null, clock, () -> {});
  }

  /**
   * @param curves run when a key of an elliptic curve has been fetched
   */
  static KeySource of(
      JwtConfig.Keys.Remote remote, Supplier<AsyncClient> client, Clock clock, Runnable curves) {
    return new KeySource(null, remote, client, clock, curves);
  }

  /** Null before the first have come. */
  @Nullable KeySet keys() {
    return keys;
  }

  /**
   * Asks for keys if there are none, if those there are old, or if {@code better} ones are wanted;
   * not a moment after the last answer.
   *
   * @param then run when the answer has come, or there is none; on whichever thread
   * @return false: what is there has to do, and {@code then} is not run
   */
  boolean ask(boolean better, Runnable then) {
    JwtConfig.Keys.Remote from = remote;
    if (from == null) {
      return false;
    }
    synchronized (waiting) {
      long now = clock.nanoTime();
      boolean none = keys == null;
      long age = none ? 0 : now - fetchedAt;
      boolean old = age >= from.cacheDuration().toNanos();
      boolean early = answered && now - answeredAt < SELDOM_NANOS;
      if (!asking && (early || !none && !old && !better)) {
        return false;
      }
      if (!asking) {
        begin(from);
      }
      boolean tooOld = age >= 2 * from.cacheDuration().toNanos() && !away;
      boolean waits = none || better || tooOld;
      if (waits) {
        waiting.add(then);
      }
      return waits;
    }
  }

  private void begin(JwtConfig.Keys.Remote from) {
    asking = true;
    WholeRequest.get(
        java.util.Objects.requireNonNull(client).get(),
        from.cluster(),
        from.authority(),
        from.path(),
        from.timeout(),
        new WholeRequest.Listener() {
          @Override
          public void onAnswer(int status, byte[] body) {
            KeySet fetched = null;
            if (status == 200) {
              try {
                fetched = KeySet.parse(new String(body, StandardCharsets.UTF_8));
              } catch (ParseException | IllegalArgumentException e) {
                fetched = null; // what is no key set is no answer
              }
            }
            answered(fetched);
          }

          @Override
          public void onFailed(String reason) {
            answered(null);
          }
        });
  }

  private void answered(@Nullable KeySet fetched) {
    if (fetched != null && fetched.hasCurves()) {
      curves.run();
    }
    List<Runnable> told;
    synchronized (waiting) {
      asking = false;
      answered = true;
      answeredAt = clock.nanoTime();
      away = fetched == null;
      if (fetched != null) {
        keys = fetched;
        fetchedAt = answeredAt;
      }
      told = new ArrayList<>(waiting);
      waiting.clear();
    }
    told.forEach(Runnable::run);
  }
}
