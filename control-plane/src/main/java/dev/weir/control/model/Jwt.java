package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Rule;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tokens of end users: an invalid one is refused with 401, whatever {@code tokens} says.
 *
 * @param providers one at least; a token is held to the one that its issuer names
 */
@Rule(
    cel = "self.providers.all(a, self.providers.exists_one(b, b.issuer == a.issuer))",
    message = Jwt.ISSUER_MESSAGE,
    field = "providers")
public record Jwt(
    @Field(
            value =
                "`Required`: a request without a token is refused with 401, and on a port that does not say"
                    + " what it speaks, a connection that is not HTTP is closed.",
            defaultsTo = "Optional")
        Tokens tokens,
    @Field("Requests that need no token, and whose token nobody looks at: any of these.")
        List<HttpMatch> exclude,
    @Field(value = "Who issues tokens.", min = "1", max = "8", key = "name")
        List<Provider> providers) {
  static final String ISSUER_MESSAGE =
      "two providers have one issuer: a token would not say whose it is";

  public Jwt {
    exclude = List.copyOf(exclude);
    providers = List.copyOf(providers);
    if (providers.stream().map(Provider::issuer).distinct().count() < providers.size()) {
      throw new IllegalArgumentException(ISSUER_MESSAGE);
    }
  }

  List<ConfigMapRef> configMapRefs() {
    return providers.stream()
        .flatMap(provider ->
            provider.jwks() instanceof JwksConfigMap(ConfigMapRef ref)
                ? Stream.of(ref)
                : Stream.empty())
        .toList();
  }

  /** Whether there must be one. */
  public enum Tokens {
    OPTIONAL,
    REQUIRED
  }

  /** Who issues tokens, and how they are recognised. */
  public record Provider(
      @Field(
              value = "Names it in authorization policies and refusals.",
              min = "1",
              max = "63",
              pattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
          String name,
      @Field(value = "The `iss` of its tokens.", min = "1", max = "1024") String issuer,
      @Field("A token is for one of these (`aud`). Empty: for anyone.") List<String> audiences,
      @Field("The keys that its tokens are signed with.") Jwks jwks,
      @Field("Where a token is looked for. Empty: `Authorization: Bearer`.") List<From> from,
      @Field(
              value = "Whether the app sees the token; `false`: it is taken out.",
              defaultsTo = "true")
          boolean forwardOriginalToken,
      @Field(
              "Claims that the app gets as headers; a client's own headers of these names are"
                  + " taken out.")
          List<ClaimToHeader> claimsToHeaders,
      @Field(value = "By how much clocks may differ.", defaultsTo = "60s", min = "1s", max = "10m")
          Duration clockSkew) {
    public Provider {
      audiences = List.copyOf(audiences);
      from = List.copyOf(from);
      claimsToHeaders = List.copyOf(claimsToHeaders);
    }
  }

  /** A JSON Web Key Set (RFC 7517). */
  public sealed interface Jwks {}

  /** Fetched, and again from time to time. */
  public record JwksUri(
      @Field(
              value =
                  "`http://` of a service of the mesh, which is called as apps call it, or `http://` or"
                      + " `https://` of another host.",
              min = "1",
              max = "1024",
              pattern = "^https?://[^/?#@]+(/[^#]*)?$")
          String uri)
      implements Jwks {}

  /** Written here. */
  public record JwksInline(@Field(value = "As JSON.", min = "1", max = "65536") String inline)
      implements Jwks {}

  /** In a ConfigMap; another text there takes effect by itself. */
  public record JwksConfigMap(
      @Field("As JSON in a ConfigMap of the policy's namespace.") ConfigMapRef configMapRef)
      implements Jwks {}

  /** A text in a ConfigMap. */
  public record ConfigMapRef(
      @Field(
              value = "The ConfigMap.",
              min = "1",
              max = "253",
              pattern = ObjectName.PATTERN,
              otherwise = ObjectName.OTHERWISE)
          String name,
      @Field(
              value = "The key in its `data`; up to 65536 characters.",
              min = "1",
              max = "253",
              pattern = "^[-._a-zA-Z0-9]+$")
          String key) {
    /** What is meant by a policy of {@code namespace}. */
    public ConfigMapKey in(String namespace) {
      return new ConfigMapKey(new ObjectName(namespace, name), key);
    }
  }

  /** A place in a request. */
  public sealed interface From {}

  /** In a header. */
  public record FromHeader(
      @Field(
              value = "This header's value; of `authorization` what follows `Bearer`.",
              min = "1",
              max = "256",
              pattern = HttpMatch.HEADER_NAME)
          String header)
      implements From {}

  /** In the query. */
  public record FromQuery(
      @Field(value = "This query parameter.", min = "1", max = "256") String queryParam)
      implements From {}

  /** In a cookie. */
  public record FromCookie(@Field(value = "This cookie.", min = "1", max = "256") String cookie)
      implements From {}

  /** A claim that the app gets as a header; not one that says something else already. */
  @Rule(
      cel = "!self.header.matches('" + ClaimToHeader.TAKEN + "')",
      message = ClaimToHeader.MESSAGE,
      field = "header")
  public record ClaimToHeader(
      @Field(value = "The claim; nested ones with dots: `realm.name`.", min = "1", max = "256")
          String claim,
      @Field(value = "The header.", min = "1", max = "256", pattern = HttpMatch.HEADER_NAME)
          String header) {
    /** Others of a client or of the mesh; a claim in one of them would be taken for theirs. */
    static final String TAKEN =
        "(?i)^(host|authorization|cookie|" + FramingHeaders.NAMES + "|x-weir-.*|x-envoy-.*)$";

    static final String MESSAGE =
        "header says something else already, as host, authorization and x-weir-* do; take another";

    public ClaimToHeader {
      if (header.matches(TAKEN)) {
        throw new IllegalArgumentException(MESSAGE);
      }
    }
  }
}
