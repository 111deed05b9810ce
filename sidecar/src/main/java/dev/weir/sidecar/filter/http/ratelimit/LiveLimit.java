package dev.weir.sidecar.filter.http.ratelimit;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.rate.TokenBucket;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.route.RouteMatcher;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A limit as it lives: its bucket, or its buckets by key. Any thread. */
final class LiveLimit {
  private static final String MISSING = "(missing)";

  /** Buckets looked at for one that may go, when there are as many as there may be. */
  private static final int LOOK = 16;

  private static final int LONGEST_KEY = 256;

  private record Match(RouteMatcher matcher, String method) {}

  private final RateLimitConfig.Limit config;
  private final LimitStats stats;
  private final List<Match> matches;
  private final TokenBucket shared;
  private final Map<String, TokenBucket> byKey = new ConcurrentHashMap<>();
  private final ReentrantLock evicting = new ReentrantLock();
  private @Nullable Iterator<TokenBucket> sweep;

  LiveLimit(RateLimitConfig.Limit config, LimitStats stats, long nowNanos) {
    this.config = config;
    this.stats = stats;
    this.matches =
        config.matches().stream()
            .map(match -> new Match(RouteMatcher.anySpelling(match.match()), match.method()))
            .toList();
    this.shared = bucket(nowNanos);
  }

  private TokenBucket bucket(long nowNanos) {
    return new TokenBucket(config.ratePerSecond(), config.burst(), nowNanos);
  }

  RateLimitConfig.Limit config() {
    return config;
  }

  LimitStats stats() {
    return stats;
  }

  boolean matches(Headers request) {
    if (matches.isEmpty()) {
      return true;
    }
    for (Match match : matches) {
      if ((match.method().isEmpty() || request.methodIs(match.method()))
          && match.matcher().matches(request)) {
        return true;
      }
    }
    return false;
  }

  /** The bucket this request takes its token from. */
  TokenBucket bucketOf(FilterContext context, Headers request, long nowNanos) {
    if (config.per().isEmpty()) {
      return shared;
    }
    String key = key(context, request);
    TokenBucket known = byKey.get(key);
    if (known != null) {
      return known;
    }
    if (byKey.size() >= config.maxKeys() && !evictOne(nowNanos)) {
      stats.overflowKey(context.loop().index());
      return shared;
    }
    return byKey.computeIfAbsent(key, made -> bucket(nowNanos));
  }

  private String key(FilterContext context, Headers request) {
    StringBuilder key = new StringBuilder();
    for (RateLimitConfig.KeyPart part : config.per()) {
      String value =
          switch (part) {
            case RateLimitConfig.KeyPart.Header(String name) -> request.value(name);
            case RateLimitConfig.KeyPart.RemoteAddress() ->
                context.connection().remoteAddress() instanceof InetSocketAddress remote
                    ? remote.getAddress().getHostAddress()
                    : null;
          };
      key.append(key.isEmpty() ? "" : "\n").append(value == null ? MISSING : value);
    }
    return key.length() <= LONGEST_KEY ? key.toString() : digest(key.toString());
  }

  /** Keys come from the network and are kept: a long one is kept as its hash. */
  private static String digest(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * Drops a bucket that is full again, so that its key loses nothing; false if none of those looked
   * at is.
   */
  private boolean evictOne(long nowNanos) {
    if (!evicting.tryLock()) {
      return false;
    }
    try {
      for (int i = 0; i < LOOK; i++) {
        if (sweep == null || !sweep.hasNext()) {
          sweep = byKey.values().iterator();
          if (!sweep.hasNext()) {
            return false;
          }
        }
        if (sweep.next().full(nowNanos)) {
          sweep.remove();
          return true;
        }
      }
      return false;
    } finally {
      evicting.unlock();
    }
  }
}
