package dev.weir.sidecar.filter.http.jwtauthn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.EnvoyProcess;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests with tokens of all kinds, through a whole sidecar. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("slow")
class JwtTest {
  private static final String FILTER =
      "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication";

  @TempDir Path folder;

  private final long now = Instant.now().getEpochSecond();

  private RSAKey rsa;
  private RSAKey otherRsa;
  private ECKey ec;
  private ECKey ec384;
  private OctetSequenceKey secret;
  private TestUpstream app;
  private TestSidecar sidecar;

  @BeforeAll
  void start() throws Exception {
    rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
    otherRsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
    ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
    ec384 = new ECKeyGenerator(Curve.P_384).keyID("ec384").generate();
    secret = new OctetSequenceKeyGenerator(512).keyID("oct").generate();
    app = TestUpstream.start((request, out) -> TestUpstream.reply(out, 200, request.head()));
    sidecar = sidecar(required("issuer: idp, audiences: [shop]" + keys()));
  }

  @AfterAll
  void stop() throws IOException {
    sidecar.close();
    app.close();
  }

  /** Of those it may know: an RSA key that only signs by one algorithm is left out of none. */
  private String keys() {
    String set =
        new JWKSet(List.of(rsa.toPublicJWK(), ec.toPublicJWK(), ec384.toPublicJWK(), secret))
            .toString(false);
    return ", local_jwks: {inline_string: '" + set + "'}";
  }

  private static String required(String provider) {
    return "providers: {idp: {"
        + provider
        + "}}, rules: [{match: {prefix: /}, requires: {provider_name: idp}}]";
  }

  private TestSidecar sidecar(String filter) {
    return TestConfig.to(app).filter("jwt", FILTER, filter).start();
  }

  private static String claims(String more) {
    return "{\"iss\":\"idp\",\"aud\":\"shop\",\"sub\":\"me\"" + more + "}";
  }

  private String good() {
    return claims(",\"exp\":" + (now + 600));
  }

  private static String signed(JWSHeader header, String claims, JWSSigner signer) {
    try {
      JWSObject token = new JWSObject(header, new Payload(claims));
      token.sign(signer);
      return token.serialize();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  private String rs256(String claims) throws JOSEException {
    return signed(
        new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa").build(),
        claims,
        new RSASSASigner(rsa));
  }

  private String by(JWSAlgorithm algorithm, String keyId, JWSSigner signer) {
    return signed(new JWSHeader.Builder(algorithm).keyID(keyId).build(), good(), signer);
  }

  private static String raw(String header, String payload, String signature) {
    return Base64URL.encode(header) + "." + Base64URL.encode(payload) + "." + signature;
  }

  private static String status(TestSidecar sidecar, String authorization) throws IOException {
    return status(sidecar.port(), authorization);
  }

  private static String status(int port, String authorization) throws IOException {
    try (RawClient client = new RawClient(port)) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n" + authorization + "\r\n");
      String answer = client.readUntil(text -> text.contains("\r\n\r\n"));
      String cause =
          answer
              .lines()
              .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("x-weir-cause:"))
              .map(line -> line.substring(14).strip())
              .findFirst()
              .orElse("");
      return (answer.substring(9, 12) + " " + cause).strip();
    }
  }

  private static Arguments of(String name, String expected, String token) {
    return Arguments.of(name, expected, token);
  }

  private static String invalid(String reason) {
    return "401 token-invalid;reason=\"" + reason + "\"";
  }

  Stream<Arguments> tokens() throws Exception {
    String form = invalid("Jwt is not in the form of Header.Payload.Signature");
    String noKey = invalid("Jwks doesn't have key to match kid or alg from Jwt");
    String fails = invalid("Jwt verification fails");
    String good = rs256(good());
    String[] parts = good.split("[.]");
    RSASSASigner rsaSigner = new RSASSASigner(rsa);
    return Stream.of(
        of("good", "200", good),
        of("none", "401 unauthenticated", ""),
        of("RS384", "200", by(JWSAlgorithm.RS384, "rsa", rsaSigner)),
        of("RS512", "200", by(JWSAlgorithm.RS512, "rsa", rsaSigner)),
        of("PS256", "200", by(JWSAlgorithm.PS256, "rsa", rsaSigner)),
        of("ES256", "200", by(JWSAlgorithm.ES256, "ec", new ECDSASigner(ec))),
        of("ES384", "200", by(JWSAlgorithm.ES384, "ec384", new ECDSASigner(ec384))),
        of("HS256", "200", by(JWSAlgorithm.HS256, "oct", new MACSigner(secret))),
        of("HS512", "200", by(JWSAlgorithm.HS512, "oct", new MACSigner(secret))),
        of(
            "no kid",
            "200",
            signed(new JWSHeader.Builder(JWSAlgorithm.RS256).build(), good(), rsaSigner)),
        of("no exp", "200", rs256(claims(""))),
        of("expired", "401 token-expired", rs256(claims(",\"exp\":" + (now - 100)))),
        of("expired within the skew", "200", rs256(claims(",\"exp\":" + (now - 30)))),
        of("exp of 0", "401 token-expired", rs256(claims(",\"exp\":0"))),
        of("exp below 0", "401 token-expired", rs256(claims(",\"exp\":-1"))),
        of("exp with a fraction", "200", rs256(claims(",\"exp\":" + (now + 600) + ".5"))),
        of("huge exp", "200", rs256(claims(",\"exp\":1e18"))),
        of(
            "exp as text",
            invalid("Jwt exp or nbf is not a number"),
            rs256(claims(",\"exp\":\"" + (now + 600) + "\""))),
        of("exp true", invalid("Jwt exp or nbf is not a number"), rs256(claims(",\"exp\":true"))),
        of("nbf to come", invalid("Jwt not yet valid"), rs256(claims(",\"nbf\":" + (now + 600)))),
        of("nbf within the skew", "200", rs256(claims(",\"nbf\":" + (now + 30)))),
        of("nbf past", "200", rs256(claims(",\"nbf\":" + (now - 600)))),
        of(
            "nbf as text",
            invalid("Jwt exp or nbf is not a number"),
            rs256(claims(",\"nbf\":\"x\""))),
        of("iat to come", "200", rs256(claims(",\"iat\":" + (now + 600)))),
        of(
            "another issuer",
            invalid("Jwt issuer is not configured"),
            rs256("{\"iss\":\"other\",\"aud\":\"shop\"}")),
        of("no issuer", invalid("Jwt issuer is not configured"), rs256("{\"aud\":\"shop\"}")),
        of(
            "issuer a list",
            invalid("Jwt issuer is not configured"),
            rs256("{\"iss\":[\"idp\"],\"aud\":\"shop\"}")),
        of(
            "issuer in other case",
            invalid("Jwt issuer is not configured"),
            rs256("{\"iss\":\"IDP\",\"aud\":\"shop\"}")),
        of(
            "another audience",
            invalid("Audiences in Jwt are not allowed"),
            rs256("{\"iss\":\"idp\",\"aud\":\"bank\"}")),
        of("no audience", invalid("Audiences in Jwt are not allowed"), rs256("{\"iss\":\"idp\"}")),
        of("one of several audiences", "200", rs256("{\"iss\":\"idp\",\"aud\":[\"a\",\"shop\"]}")),
        of(
            "none of several audiences",
            invalid("Audiences in Jwt are not allowed"),
            rs256("{\"iss\":\"idp\",\"aud\":[\"a\",\"b\"]}")),
        of(
            "audience begins alike",
            invalid("Audiences in Jwt are not allowed"),
            rs256("{\"iss\":\"idp\",\"aud\":\"shopper\"}")),
        of(
            "audience a number",
            invalid("Audiences in Jwt are not allowed"),
            rs256("{\"iss\":\"idp\",\"aud\":1}")),
        of("audience as a URL", "200", rs256("{\"iss\":\"idp\",\"aud\":\"https://shop/\"}")),
        of(
            "another key of that id",
            fails,
            by(JWSAlgorithm.RS256, "rsa", new RSASSASigner(otherRsa))),
        of("unknown kid", noKey, by(JWSAlgorithm.RS256, "gone", rsaSigner)),
        of("kid of a key of another kind", noKey, by(JWSAlgorithm.RS256, "ec", rsaSigner)),
        of("kid with a path", noKey, by(JWSAlgorithm.RS256, "../../etc/passwd", rsaSigner)),
        of(
            "signature of another token",
            fails,
            parts[0] + "." + parts[1] + "." + rs256(claims("")).split("[.]")[2]),
        of(
            "payload of another token",
            fails,
            parts[0] + "." + Base64URL.encode(claims(",\"roles\":[\"admin\"]")) + "." + parts[2]),
        of(
            "header of another algorithm",
            fails,
            Base64URL.encode("{\"alg\":\"RS512\",\"kid\":\"rsa\"}")
                + "."
                + parts[1]
                + "."
                + parts[2]),
        of("signature cut", fails, good.substring(0, good.length() - 8)),
        of("signature longer", fails, good + "AAAA"),
        of("no signature", form, parts[0] + "." + parts[1] + "."),
        of("alg none", form, raw("{\"alg\":\"none\"}", good(), "")),
        of("alg None", noKey, raw("{\"alg\":\"None\"}", good(), "AAAA")),
        of("alg none with a signature", form, raw("{\"alg\":\"none\"}", good(), "AAAA")),
        of("no alg", form, raw("{\"kid\":\"rsa\"}", good(), "AAAA")),
        of("alg a number", form, raw("{\"alg\":1}", good(), "AAAA")),
        of("unknown alg", noKey, raw("{\"alg\":\"XX1\",\"kid\":\"rsa\"}", good(), "AAAA")),
        of(
            "secret that is the public key",
            noKey,
            by(JWSAlgorithm.HS256, "rsa", new MACSigner(rsa.toRSAPublicKey().getEncoded()))),
        of(
            "its own key in the head",
            fails,
            signed(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                    .keyID("rsa")
                    .jwk(otherRsa.toPublicJWK())
                    .build(),
                good(),
                new RSASSASigner(otherRsa))),
        of(
            "critical parameter",
            invalid("Jwt header has critical parameters that are not understood"),
            signed(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                    .keyID("rsa")
                    .criticalParams(Set.of("exp"))
                    .customParam("exp", 1)
                    .build(),
                good(),
                rsaSigner)),
        of(
            "claim twice",
            invalid("Jwt has a member twice"),
            rs256("{\"iss\":\"idp\",\"aud\":\"shop\",\"sub\":\"a\",\"sub\":\"b\"}")),
        of(
            "claim twice, spelled otherwise",
            invalid("Jwt has a member twice"),
            rs256("{\"iss\":\"idp\",\"aud\":\"shop\",\"sub\":\"a\",\"s\\u0075b\":\"b\"}")),
        of(
            "nested claim twice",
            invalid("Jwt has a member twice"),
            rs256("{\"iss\":\"idp\",\"aud\":\"shop\",\"r\":{\"a\":1,\"a\":2}}")),
        of(
            "head's member twice",
            form,
            raw("{\"alg\":\"RS256\",\"alg\":\"none\"}", good(), parts[2])),
        of("payload no JSON", form, rs256("hello")),
        of("payload a list", form, rs256("[1]")),
        of("payload empty", form, rs256("{}").replaceFirst("[.][^.]+[.]", "..")),
        of("two parts", form, "a.b"),
        of("one part", form, "abc"),
        of("four parts", form, good + ".x"),
        of("five parts, as JWE", form, "a.b.c.d.e"),
        of("no base64", form, "%%%." + parts[1] + "." + parts[2]),
        of("space within", form, parts[0] + " ." + parts[1] + "." + parts[2]),
        of("too large", invalid("Jwt is too large"), "a".repeat(8200)),
        of("large, within bounds", "200", rs256(claims(",\"x\":\"" + "a".repeat(4000) + "\""))));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("tokens")
  void tokenIsTakenOrRefused(String name, String expected, String token) throws IOException {
    String head = token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n";
    assertEquals(expected, status(sidecar, head), name);
    assertEquals(expected, status(sidecar, head), name + ", again");
  }

  /** Envoy does not look at {@code crit}, and an {@code exp} of 0 is none for it. */
  private static final Set<String> STRICTER = Set.of("critical parameter", "exp of 0");

  @Test
  @Tag("envoy")
  void envoyDecidesTheSameOrWeAreStricter() throws Exception {
    Map<String, String> other = new TreeMap<>();
    Set<String> stricter = new TreeSet<>();
    String yaml =
        TestConfig.to(app)
            .filter("jwt", FILTER, required("issuer: idp, audiences: [shop]" + keys()))
            .yaml();
    try (EnvoyProcess envoy = EnvoyProcess.start(yaml, folder)) {
      for (Arguments each : tokens().toList()) {
        String name = (String) each.get()[0];
        String ours = ((String) each.get()[1]).substring(0, 3);
        String token = (String) each.get()[2];
        String head = token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n";
        // 403 is Envoy's for a token for others, which RFC 6750 calls invalid as all the others.
        String theirs = status(envoy.port(), head).substring(0, 3).replace("403", "401");
        if (ours.equals("401") && theirs.equals("200")) {
          stricter.add(name);
        } else if (!ours.equals(theirs)) {
          other.put(name, theirs);
        }
      }
    }
    assertEquals(Map.of(), other);
    assertEquals(new TreeSet<>(STRICTER), stricter);
  }

  /** Where keys are is said by the policy, and not by who shows a token. */
  @Test
  void keysThatATokensHeadPointsToAreNeitherTakenNorFetched() throws Exception {
    String set = new JWKSet(List.of(otherRsa.toPublicJWK())).toString();
    try (TestUpstream forger =
        TestUpstream.start((request, out) -> TestUpstream.reply(out, 200, set))) {
      URI keys = URI.create("http://127.0.0.1:" + forger.port() + "/keys");
      RSASSASigner signer = new RSASSASigner(otherRsa);
      for (JWSHeader.Builder header :
          List.of(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa").jwkURL(keys),
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa").x509CertURL(keys),
              new JWSHeader.Builder(JWSAlgorithm.RS256).jwkURL(keys).x509CertURL(keys))) {
        String token = signed(header.build(), good(), signer);
        assertEquals(
            invalid("Jwt verification fails"),
            status(sidecar, "authorization: Bearer " + token + "\r\n"));
      }
      assertEquals(List.of(), forger.all());
      assertEquals(0, forger.connections());
    }
  }

  @Test
  void schemeIsOfAnyCaseAndOthersAreNone() throws Exception {
    String token = rs256(good());
    assertEquals("200", status(sidecar, "authorization: bearer " + token + "\r\n"));
    assertEquals("401 unauthenticated", status(sidecar, "authorization: Basic " + token + "\r\n"));
    assertEquals("401 unauthenticated", status(sidecar, "x-token: " + token + "\r\n"));
  }

  /** Which of them the app goes by is not known. */
  @Test
  void eachTokenOfSeveralMustBeGood() throws Exception {
    String good = "authorization: Bearer " + rs256(good()) + "\r\n";
    String bad = rs256(claims(",\"exp\":1"));
    assertEquals("200", status(sidecar, good + good));
    assertEquals(
        "401 token-expired", status(sidecar, good + "authorization: Bearer " + bad + "\r\n"));
    assertEquals(
        "401 token-expired", status(sidecar, "authorization: Bearer " + bad + "\r\n" + good));
    assertEquals(invalid("Jwts are too many"), status(sidecar, good.repeat(5)));
    assertTrue(seen(sidecar, "/?access_token=" + bad, good).startsWith("HTTP/1.1 401"));
    String good2 = rs256(good());
    assertTrue(
        seen(sidecar, "/?access_token=" + good2 + "&access%5ftoken=" + bad, "")
            .startsWith("HTTP/1.1 401"));
  }

  private String seen(TestSidecar through, String path, String fields) throws IOException {
    try (RawClient client = new RawClient(through.port())) {
      client.send(
          "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + fields + "\r\n");
      return client.rest();
    }
  }

  @Test
  void claimsGoToHeadersAndAClientsOwnAreTakenOut() throws Exception {
    try (TestSidecar through =
        sidecar(
            "providers: {idp: {issuer: idp, forward: true, forward_payload_header: x-payload, claim_to_headers: [{header_name: x-user, claim_name: sub}, {header_name: x-team, claim_name: org.team}, {header_name: x-roles, claim_name: roles}]"
                + keys()
                + "}}, rules: [{match: {prefix: /open}}, {match: {prefix: /}, requires: {provider_name: idp}}]")) {
      String forged =
          "x-user: root\r\nx_user: root\r\nX-Team: root\r\nX_Team: root\r\nx-payload: e30\r\nx-roles: W10\r\n";
      String token =
          rs256("{\"iss\":\"idp\",\"sub\":\"me\",\"org\":{\"team\":\"a\"},\"roles\":[\"r\"]}");
      String with = seen(through, "/", forged + "authorization: Bearer " + token + "\r\n");
      assertTrue(with.contains("x-user: me\r\n"), with);
      assertTrue(with.contains("x-team: a\r\n"), with);
      assertTrue(with.contains("x-roles: " + Base64URL.encode("[\"r\"]")), with);
      assertTrue(with.contains("x-payload: " + token.split("[.]")[1] + "\r\n"), with);
      assertTrue(with.contains("Bearer " + token), "it goes on");
      String without = seen(through, "/open", forged);
      assertTrue(!without.contains("root") && !without.contains("x-payload"), without);
    }
  }

  @Test
  void tokenIsFoundInItsPlacesAndTakenOutThere() throws Exception {
    try (TestSidecar through =
        sidecar(
            required(
                "issuer: idp, from_headers: [{name: X-Token, value_prefix: \"t \"}], from_params: [token], from_cookies: [session]"
                    + keys()))) {
      String token = rs256(good());
      String cookie = "Cookie: a=b; session=" + token + "; c=d\r\n";
      String all = seen(through, "/?token=" + token, cookie + "x-token: t " + token + "\r\n");
      assertTrue(all.contains(" 200 ") && !all.contains(token), all);
      assertTrue(all.contains("GET / ") && all.contains("cookie: a=b; c=d\r\n"), all);
      String header = seen(through, "/", "x-token: t " + token + "\r\n");
      assertTrue(header.contains(" 200 ") && !header.contains(token), header);
      String query = seen(through, "/a?x=1&token=" + token + "&y=2", "");
      assertTrue(query.contains("GET /a?x=1&y=2 "), query);
      assertTrue(seen(through, "/", "Cookie: a=b; session=" + token + "\r\n").contains(" 200 "));
      assertTrue(seen(through, "/", "authorization: Bearer " + token + "\r\n").contains(" 401 "));
    }
  }

  @Test
  void optionalTokenMustBeGoodIfItIsThere() throws Exception {
    try (TestSidecar through =
        sidecar(
            "providers: {idp: {issuer: idp"
                + keys()
                + "}}, rules: [{match: {prefix: /}, requires: {requires_any: {requirements: [{provider_name: idp}, {allow_missing: {}}]}}}]")) {
      assertEquals("200", status(through, ""));
      assertEquals("200", status(through, "authorization: Bearer " + rs256(good()) + "\r\n"));
      assertEquals(
          "401 token-expired",
          status(through, "authorization: Bearer " + rs256(claims(",\"exp\":1")) + "\r\n"));
      assertEquals(
          invalid("Jwt issuer is not configured"),
          status(through, "authorization: Bearer " + rs256("{\"iss\":\"x\"}") + "\r\n"));
    }
    try (TestSidecar through =
        sidecar(
            "providers: {idp: {issuer: idp"
                + keys()
                + "}}, rules: [{match: {prefix: /}, requires: {allow_missing_or_failed: {}}}]")) {
      assertEquals("200", status(through, "authorization: Bearer nonsense\r\n"));
    }
  }

  @Test
  void whoIsRefusedIsToldHowToAsk() throws Exception {
    String missing = seen(sidecar, "/a?b", "");
    assertTrue(missing.contains("www-authenticate: Bearer realm=\"http://a/a\"\r\n"), missing);
    String bad = seen(sidecar, "/a", "authorization: Bearer x\r\n");
    assertTrue(bad.contains("realm=\"http://a/a\", error=\"invalid_token\"\r\n"), bad);
    assertTrue(sidecar.stat("http.in.jwt_authn.denied") >= 2);
  }

  @Test
  void pathThatIsLeftOutIsInEachSpelling() throws Exception {
    try (TestSidecar through =
        sidecar(
            "providers: {idp: {issuer: idp"
                + keys()
                + "}}, rules: [{match: {prefix: /healthz}}, {match: {prefix: /}, requires: {provider_name: idp}}]")) {
      assertTrue(seen(through, "/healthz;x=1", "").startsWith("HTTP/1.1 200"));
      assertTrue(seen(through, "/healthz/..;/admin", "").startsWith("HTTP/1.1 401"));
    }
  }

  @Test
  void preflightIsNotLookedAt() throws Exception {
    try (TestSidecar through =
            sidecar("bypass_cors_preflight: true, " + required("issuer: idp" + keys()));
        RawClient client = new RawClient(through.port())) {
      client.send(
          "OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\nAccess-Control-Request-Method: GET\r\n\r\n");
      assertTrue(client.readUntil(text -> text.contains("\r\n\r\n")).contains(" 200 "));
    }
  }

  @Test
  void keysAreFetchedOnceAndAgainForAnUnknownOneAndHoldWhileTheSourceIsAway() throws Exception {
    AtomicInteger fetches = new AtomicInteger();
    AtomicReference<String> set =
        new AtomicReference<>(new JWKSet(rsa.toPublicJWK()).toString(false));
    try (TestUpstream idp =
            TestUpstream.start((request, out) -> {
              fetches.incrementAndGet();
              return TestUpstream.reply(
                  out, String.valueOf(set.get()).isEmpty() ? 500 : 200, String.valueOf(set.get()));
            });
        TestSidecar through = remote(idp.port())) {
      String token = "authorization: Bearer " + rs256(good()) + "\r\n";
      assertEquals("200", status(through, token));
      assertEquals("200", status(through, token));
      assertEquals(1, fetches.get());
      set.set("");
      assertEquals("200", status(through, token), "the old keys hold");
      String another =
          "authorization: Bearer " + by(JWSAlgorithm.ES256, "ec", new ECDSASigner(ec)) + "\r\n";
      for (int i = 0; i < 5; i++) {
        assertTrue(status(through, another).startsWith("401 token-invalid"));
      }
      assertEquals(1, fetches.get(), "anyone can name a key that is not there: seldom asked for");
    }
  }

  @Test
  void withoutKeysNobodyIsLetInAndThatIsNotTheCallersFault() throws Exception {
    try (TestUpstream idp = TestUpstream.start((request, out) -> TestUpstream.reply(out, 500, ""));
        TestSidecar through = remote(idp.port())) {
      assertEquals(
          "503 token-keys-missing",
          status(through, "authorization: Bearer " + rs256(good()) + "\r\n"));
      assertEquals("401 unauthenticated", status(through, ""));
    }
  }

  private TestSidecar remote(int port) {
    String yaml =
        TestConfig.to(app)
            .filter(
                "jwt",
                FILTER,
                required(
                    "issuer: idp, remote_jwks: {http_uri: {uri: \"http://idp.test/keys\", cluster: idp, timeout: 2s}}"))
            .yaml()
            .stripTrailing();
    return TestSidecar.start(
        yaml
            + "\n  - name: idp\n    type: STATIC\n    load_assignment: {cluster_name: idp, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: "
            + port
            + "}}}}]}]}\n",
        2);
  }

  @Test
  void routeNamesARequirementOrNone() throws Exception {
    String filter =
        "providers: {idp: {issuer: idp"
            + keys()
            + "}}, requirement_map: {token: {provider_name: idp}}, rules: [{match: {prefix: /}, requires: {provider_name: idp}}]";
    for (String[] each :
        List.of(
            new String[] {"disabled: true", "200"},
            new String[] {"requirement_name: token", "401 unauthenticated"})) {
      String yaml =
          TestConfig.to(app)
              .filter("jwt", FILTER, filter)
              .yaml()
              .replace(
                  "              - match: {prefix: \"/\"}\n",
                  "              - match: {prefix: \"/\"}\n                "
                      + "typed_per_filter_config: {jwt: {\"@type\": type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig, %s}}"
                          .formatted(each[0])
                      + "\n");
      try (TestSidecar through = TestSidecar.start(yaml, 1)) {
        assertEquals(each[1], status(through, ""), each[0]);
      }
    }
  }
}
