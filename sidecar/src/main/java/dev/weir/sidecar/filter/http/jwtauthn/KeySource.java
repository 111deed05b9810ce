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
 * Where the keys of a provider come from. Those that were fetched last hold while the source is
 * away; they are fetched again when they are old, and when a token names a key that is not among
 * them, which anyone can do and so happens seldom. Any thread.
 */
final class KeySource {
  /** Between two questions. */
  private static final long SELDOM_NANOS = Duration.ofSeconds(5).toNanos();

  private final JwtConfig.Keys.@Nullable Remote remote;
  private final @Nullable Supplier<AsyncClient> client;
  private final Clock clock;
  private final Runnable curves;

  private volatile @Nullable KeySet keys;
  private long fetchedAt;
  private long askedAt;
  private boolean asked;
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
   * Asks for keys if there are none, if those there are old, or if {@code better} ones are wanted
   * and nobody has asked a moment ago.
   *
   * @param then run when the answer has come, or there is none; on whichever thread
   * @return false: nothing is asked, and {@code then} is not run
   */
  boolean ask(boolean better, Runnable then) {
    JwtConfig.Keys.Remote from = remote;
    if (from == null) {
      return false;
    }
    synchronized (waiting) {
      long now = clock.nanoTime();
      boolean none = keys == null;
      boolean old = !none && now - fetchedAt >= from.cacheDuration().toNanos();
      boolean early = asked && now - askedAt < SELDOM_NANOS;
      if (!asking && (early || !none && !old && !better)) {
        return false;
      }
      if (!none && old && !better && away) {
        // The old ones do until the new ones are there, and nobody waits for them.
        if (!asking) {
          begin(from, now);
        }
        return false;
      }
      waiting.add(then);
      if (!asking) {
        begin(from, now);
      }
      return true;
    }
  }

  private void begin(JwtConfig.Keys.Remote from, long now) {
    asking = true;
    asked = true;
    askedAt = now;
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
      away = fetched == null;
      if (fetched != null) {
        keys = fetched;
        fetchedAt = clock.nanoTime();
      }
      told = new ArrayList<>(waiting);
      waiting.clear();
    }
    told.forEach(Runnable::run);
  }
}
