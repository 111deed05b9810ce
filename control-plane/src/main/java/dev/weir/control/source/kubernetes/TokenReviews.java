package dev.weir.control.source.kubernetes;

import com.google.common.hash.Hashing;
import dev.weir.control.model.SpiffeId;
import dev.weir.control.token.Holder;
import dev.weir.control.token.Holders;
import dev.weir.control.token.Tokens;
import dev.weir.control.token.WrongToken;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks the API server whose a service account's token is (TokenReview), for our audience. What it
 * said of a good one holds a minute, so that who comes back does not ask again: a token of a pod
 * that was deleted in it still proves the account.
 */
public final class TokenReviews implements Holders {
  private static final int MOST = 20_000;
  private static final int LONGEST = 16 << 10;

  /** The others wait: an API server refuses who asks too much at once. */
  private static final int AT_ONCE = 32;

  private static final long HOLDS = Duration.ofMinutes(1).toNanos();
  private static final Pattern ACCOUNT = Pattern.compile("system:serviceaccount:([^:]+):([^:]+)");

  private record Known(Holder holder, long until) {}

  private final KubernetesClient client;
  private final String trustDomain;
  private final LongSupplier nanos;
  private final Semaphore asking = new Semaphore(AT_ONCE, true);

  /** By the hash of the token; the oldest goes first. */
  private final Map<String, Known> known =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
          return size() > MOST;
        }
      };

  /**
   * @param nanos a clock that nobody sets
   */
  public TokenReviews(KubernetesClient client, String trustDomain, LongSupplier nanos) {
    this.client = client;
    this.trustDomain = trustDomain;
    this.nanos = nanos;
  }

  @Override
  public Holder holder(String text) throws WrongToken {
    if (text.length() > LONGEST) {
      throw new WrongToken("the token is longer than " + LONGEST + " characters");
    }
    String hash = Hashing.sha256().hashString(text, StandardCharsets.UTF_8).toString();
    long now = nanos.getAsLong();
    synchronized (known) {
      Known before = known.get(hash);
      if (before != null && before.until() - now > 0) {
        return before.holder();
      }
    }
    Holder holder = ask(text);
    synchronized (known) {
      known.remove(hash);
      known.put(hash, new Known(holder, now + HOLDS));
    }
    return holder;
  }

  private Holder ask(String text) throws WrongToken {
    TokenReviewStatus status;
    asking.acquireUninterruptibly();
    try {
      TokenReview answer =
          client
              .authentication()
              .v1()
              .tokenReviews()
              .create(
                  new TokenReviewBuilder()
                      .withNewSpec()
                      .withToken(text)
                      .withAudiences(List.of(Tokens.AUDIENCE))
                      .endSpec()
                      .build());
      status = answer.getStatus();
    } catch (KubernetesClientException e) {
      throw new WrongToken("the API server cannot be asked about the token: " + e.getMessage());
    } finally {
      asking.release();
    }
    if (status == null || !Boolean.TRUE.equals(status.getAuthenticated())) {
      throw new WrongToken("the API server does not take the token for audience \"weir\"");
    }
    if (!status.getAudiences().contains(Tokens.AUDIENCE)) {
      throw new WrongToken("the token is not for audience \"" + Tokens.AUDIENCE + "\"");
    }
    String user = status.getUser().getUsername();
    Matcher account = ACCOUNT.matcher(user);
    if (!account.matches()) {
      throw new WrongToken("the token is no service account's");
    }
    return SpiffeId.parse(
            "spiffe://%s/ns/%s/sa/%s".formatted(trustDomain, account.group(1), account.group(2)))
        .map(identity -> new Holder(identity, Optional.empty(), Tokens.ends(text)))
        .orElseThrow(() -> new WrongToken("the token's service account has no SPIFFE ID"));
  }
}
