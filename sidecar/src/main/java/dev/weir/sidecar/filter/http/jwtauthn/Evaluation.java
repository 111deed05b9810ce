package dev.weir.sidecar.filter.http.jwtauthn;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.runtime.Loop;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One request held to its requirement. What is not known yet is asked for, and when it is there the
 * requirement is looked at anew, from the start: what was found out is kept. Event loop of the
 * stream.
 */
final class Evaluation {
  /** Questions for one request: a token could name ever other keys. */
  private static final int MOST_QUESTIONS = 8;

  /**
   * A good token, and the provider that says so.
   *
   * @param places where it is, and others that are good
   */
  record Good(LiveProvider provider, Token token, TokenPlaces places) {}

  private final Map<String, LiveProvider> providers;
  private final Recent<String, Token> read;
  private final Headers request;
  private final Loop loop;
  private final Executor tasks;
  private final Runnable again;
  private final Map<String, Object> tokens = new HashMap<>();
  private final Map<LiveProvider, Boolean> asked = new HashMap<>();
  private final Map<LiveProvider, Good> good = new LinkedHashMap<>();
  private int questions;
  private boolean pending;
  private boolean over;

  /**
   * @param again run when something that was asked for is there
   */
  Evaluation(JwtFactory factory, Headers request, Loop loop, Runnable again) {
    this.providers = factory.providers();
    this.read = factory.read();
    this.request = request;
    this.loop = loop;
    this.tasks = factory.tasks();
    this.again = again;
  }

  /** Nobody waits for it any more. */
  void end() {
    over = true;
  }

  /** The tokens that were good, one of a provider. */
  Iterable<Good> good() {
    return good.values();
  }

  /** Something was asked for: what {@link #failure} said does not count. */
  boolean pending() {
    return pending;
  }

  /** What is wrong; null for nothing, unless {@link #pending}. */
  @Nullable Failure failure(JwtConfig.Requirement requirement) {
    pending = false;
    good.clear();
    return look(requirement);
  }

  private @Nullable Failure look(JwtConfig.Requirement requirement) {
    return switch (requirement) {
      case JwtConfig.Requirement.Token(String name, List<String> audiences) ->
          token(java.util.Objects.requireNonNull(providers.get(name)), audiences);
      case JwtConfig.Requirement.AllOf(List<JwtConfig.Requirement> all) -> {
        Failure first = null;
        for (JwtConfig.Requirement each : all) {
          Failure failure = look(each);
          first = first == null ? failure : first;
        }
        yield first;
      }
      case JwtConfig.Requirement.AnyOf(List<JwtConfig.Requirement> some) -> any(some);
      case JwtConfig.Requirement.AllowMissing() -> missingIsAllowed();
      case JwtConfig.Requirement.AllowMissingOrFailed() -> {
        ofAny();
        yield null;
      }
    };
  }

  private @Nullable Failure any(List<JwtConfig.Requirement> some) {
    Failure most = Failure.MISSING;
    boolean tolerant = false;
    boolean lenient = false;
    for (JwtConfig.Requirement each : some) {
      switch (each) {
        case JwtConfig.Requirement.AllowMissing _ -> lenient = true;
        case JwtConfig.Requirement.AllowMissingOrFailed _ -> tolerant = true;
        default -> {
          Failure failure = look(each);
          if (failure == null) {
            return null;
          }
          most = Failure.more(most, failure);
        }
      }
    }
    return tolerant || lenient && most.kind() == Failure.Kind.MISSING ? null : most;
  }

  /** Alone, of all providers. */
  private @Nullable Failure missingIsAllowed() {
    Failure most = ofAny();
    return most == null || most.kind() == Failure.Kind.MISSING ? null : most;
  }

  private @Nullable Failure ofAny() {
    Failure most = Failure.MISSING;
    for (LiveProvider provider : providers.values()) {
      Failure failure = token(provider, List.of());
      if (failure == null) {
        return null;
      }
      most = Failure.more(most, failure);
    }
    return most;
  }

  /**
   * Whether {@code provider} has issued the token that is here; of several each, as in Envoy: which
   * of them the app goes by is not known.
   */
  private @Nullable Failure token(LiveProvider provider, List<String> audiences) {
    TokenPlaces places = new TokenPlaces(provider.config());
    List<String> found = places.find(request);
    if (found.isEmpty()) {
      return Failure.MISSING;
    }
    if (found.size() > TokenPlaces.MOST) {
      return Failure.invalid("Jwts are too many");
    }
    Failure most = null;
    Token first = null;
    for (String text : found) {
      Object parsed = tokens.computeIfAbsent(text, this::parse);
      Failure failure =
          parsed instanceof Token token
              ? failure(provider, token, audiences)
              : Failure.invalid(String.valueOf(parsed));
      if (failure != null) {
        most = most == null ? failure : Failure.more(most, failure);
      } else if (first == null && parsed instanceof Token token) {
        first = token;
      }
    }
    if (most == null && first != null) {
      read.put(first.text(), first);
      good.put(provider, new Good(provider, first, places));
    }
    return most;
  }

  private Object parse(String text) {
    Token known = read.get(text);
    if (known != null) {
      return known;
    }
    try {
      return Token.parse(text);
    } catch (Token.Malformed e) {
      return String.valueOf(e.getMessage());
    }
  }

  private @Nullable Failure failure(LiveProvider provider, Token token, List<String> audiences) {
    if (!provider.isIssuer(token)) {
      return Failure.UNKNOWN_ISSUER;
    }
    Failure claims = provider.claims(token, audiences, loop.clock().currentTimeMillis());
    if (claims != null) {
      return claims;
    }
    KeySet keys = provider.keys().keys();
    boolean better = keys != null && !keys.mayHaveSigned(token);
    if (ask(provider, better)) {
      return Failure.MISSING;
    }
    if (keys == null) {
      return new Failure(Failure.Kind.NO_KEYS, "Jwks remote fetch is failed");
    }
    if (better) {
      return Failure.invalid("Jwks doesn't have key to match kid or alg from Jwt");
    }
    Boolean known = provider.verified().get(token, keys);
    if (known == null) {
      return verify(provider, token, keys)
          ? Failure.MISSING
          : new Failure(Failure.Kind.NO_KEYS, "Too many signatures wait to be verified");
    }
    return known ? null : Failure.invalid("Jwt verification fails");
  }

  /** Once a provider: what is there then has to do. */
  private boolean ask(LiveProvider provider, boolean better) {
    if (asked.containsKey(provider) || questions >= MOST_QUESTIONS) {
      return false;
    }
    boolean asks = provider.keys().ask(better, this::onLoop);
    if (asks) {
      asked.put(provider, true);
      questions++;
      pending = true;
    }
    return asks;
  }

  /** False: it cannot be. */
  private boolean verify(LiveProvider provider, Token token, KeySet keys) {
    try {
      tasks.execute(() -> {
        boolean signed = keys.hasSigned(token);
        provider.verified().put(token, keys, signed);
        onLoop();
      });
      pending = true;
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private void onLoop() {
    try {
      loop.eventLoop()
          .execute(() -> {
            if (!over) {
              again.run();
            }
          });
    } catch (RejectedExecutionException e) {
      over = true; // the loops have ended, and with them the stream
    }
  }
}
