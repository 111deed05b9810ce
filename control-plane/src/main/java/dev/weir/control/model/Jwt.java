package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Rule;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
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
  @Rule(
      cel =
          "!has(self.claimsToHeaders) || self.claimsToHeaders.all(a,"
              + " self.claimsToHeaders.exists_one(b, b.header.lowerAscii() =="
              + " a.header.lowerAscii()))",
      message = Provider.HEADER_TWICE,
      field = "claimsToHeaders")
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
      @Field(
              value = "By how much clocks may differ.",
              defaultsTo = "60s",
              min = "1s",
              max = "10m",
              multipleOf = "1s")
          Duration clockSkew) {
    static final String HEADER_TWICE =
        "two claims are for one header, whose letters' case does not tell them apart";

    public Provider {
      audiences = List.copyOf(audiences);
      from = List.copyOf(from);
      claimsToHeaders = List.copyOf(claimsToHeaders);
      long headers =
          claimsToHeaders.stream()
              .map(claim -> claim.header().toLowerCase(Locale.ROOT))
              .distinct()
              .count();
      if (headers < claimsToHeaders.size()) {
        throw new IllegalArgumentException(HEADER_TWICE);
      }
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
              max = "" + JwksUri.LONGEST,
              pattern = JwksUri.PATTERN,
              otherwise = JwksUri.OTHERWISE)
          String uri)
      implements Jwks {
    private static final String LABEL = "[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?";
    private static final String TOP_LABEL = "[A-Za-z]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?";
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private static final String HOST =
        "((" + LABEL + "[.])*" + TOP_LABEL + "[.]?|(" + OCTET + "[.]){3}" + OCTET + ")";
    private static final String PORT =
        "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
    private static final String CHARACTER = "([-A-Za-z0-9._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})";

    private static final int LONGEST = 1024;

    /** Of what RFC 3986 has, that which leads to a server by HTTP. */
    private static final String PATTERN =
        "^https?://"
            + HOST
            + "(:"
            + PORT
            + ")?(/"
            + CHARACTER
            + "*([?]("
            + CHARACTER
            + "|[?])*)?)?$";

    static final String OTHERWISE =
        "no URI of keys, as https://idp.example/keys: http or https, a host's name in DNS or its"
            + " IPv4 address, a port of 1 to 65535; a space and what else no URI has is written as"
            + " %20";

    /** Whether it may be written for one. */
    public static boolean isOne(String text) {
      return text.length() <= LONGEST && text.matches(PATTERN);
    }
  }

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
    public static final String TAKEN =
        "(?i)^(host|authorization|cookie|expect|"
            + FramingHeaders.NAMES
            + "|forwarded|x-real-ip"
            + "|x-forwarded-(by|client-cert|for|host|method|port|prefix|proto|scheme|server|ssl|uri)"
            + "|x-request-id|traceparent|tracestate|x-weir-.*|x-envoy-.*)$";

    static final String MESSAGE =
        "header says something else already, as host, x-forwarded-for and x-weir-* do; take another";

    public ClaimToHeader {
      if (header.matches(TAKEN)) {
        throw new IllegalArgumentException(MESSAGE);
      }
    }
  }
}
