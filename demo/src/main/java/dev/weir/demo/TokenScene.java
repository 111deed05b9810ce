package dev.weir.demo;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;

/** Tokens and their roles are checked before the app sees a byte. */
final class TokenScene implements Scene {
  private static final String FILE = "clerks.yaml";
  private static final String ORDERS = Stage.FRONTEND + "orders";
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofSeconds(2);
  private static final Duration LONG = Duration.ofMinutes(5);

  @Override
  public String name() {
    return "tokens";
  }

  @Override
  public String title() {
    return "A policy asks for a token with a role: the app sees no other request";
  }

  @Override
  public boolean play(Stage stage, Teller teller, Figures figures)
      throws IOException, InterruptedException {
    try {
      ECKey key = new ECKeyGenerator(Curve.P_256).keyID("office").generate();
      return play(key, stage, teller);
    } catch (JOSEException e) {
      throw new IllegalStateException("each JDK signs with P-256", e);
    }
  }

  /** What the file says: who holds {@code key} speaks for everyone. */
  private static String policies(ECKey key) {
    return """
    apiVersion: weir.dev/v1alpha1
    kind: AuthenticationPolicy
    metadata: {name: clerks, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: frontend}]
      jwt:
        tokens: Required
        exclude: [{path: {type: Exact, value: /}}]
        providers:
        - {name: office, issuer: office, audiences: [shop], clockSkew: 1s, jwks: {inline: '%s'}}
    ---
    apiVersion: weir.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: clerks, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: frontend}]
      action: Allow
      rules:
      - matches: [{path: {type: Exact, value: /}}]
      - token: {roles: [clerk]}
        matches: [{path: {type: Exact, value: /orders}}]
    """
        .formatted(new JWKSet(key.toPublicJWK()));
  }

  private static boolean play(ECKey key, Stage stage, Teller teller)
      throws IOException, InterruptedException, JOSEException {
    boolean held;
    try {
      stage.edit(FILE, policies(key));
      Map<String, String> guest = token(key, "guest", LONG);
      held =
          Stage.eventually(
              LIMIT,
              () -> call(stage, Map.of()).status() == 401 && call(stage, guest).status() == 403);
      held &= shown(stage, teller, "no token", Map.of(), 401);
      held &= shown(stage, teller, "role guest", guest, 403);
      held &= shown(stage, teller, "role clerk", token(key, "clerk", LONG), 200);
      Map<String, String> brief = token(key, "clerk", SHORT);
      held &= shown(stage, teller, "a token for 2 s", brief, 200);
      held &= Stage.eventually(LIMIT, () -> call(stage, brief).status() == 401);
      held &= shown(stage, teller, "the same, later", brief, 401);
    } finally {
      stage.remove(FILE);
    }
    return held && Stage.eventually(LIMIT, () -> call(stage, Map.of()).ok());
  }

  private static Answer call(Stage stage, Map<String, String> headers) throws InterruptedException {
    return stage.caller().get(ORDERS, headers);
  }

  private static boolean shown(
      Stage stage, Teller teller, String who, Map<String, String> headers, int status)
      throws InterruptedException {
    Answer answer = call(stage, headers);
    teller.say("%-16s %d %s", who + ":", answer.status(), answer.cause());
    return answer.status() == status;
  }

  private static Map<String, String> token(ECKey key, String role, Duration lifetime)
      throws JOSEException {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
            new JWTClaimsSet.Builder()
                .issuer("office")
                .subject("ada")
                .audience("shop")
                .claim("roles", List.of(role))
                .expirationTime(Date.from(Instant.now().plus(lifetime)))
                .build());
    token.sign(new ECDSASigner(key));
    return Map.of("authorization", "Bearer " + token.serialize());
  }
}
