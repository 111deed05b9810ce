package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Rule;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** Who is asked whether a request may go on, and what holds without an answer. */
@Rule(
    cel = "self.protocol == 'Http' || !has(self.headersToApp) || size(self.headersToApp) == 0",
    message = ExternalCheck.HEADERS_MESSAGE)
@Rule(
    cel =
        "!has(self.headersToApp) || !self.headersToApp.exists(name, name.matches('"
            + ExternalCheck.FRAMING
            + "'))",
    message = ExternalCheck.FRAMING_MESSAGE)
public record ExternalCheck(
    @Field("The Service that is asked, as apps call it. Requests to itself are never asked about.")
        Backend backendRef,
    @Field(
            "`Grpc`: Envoy's `envoy.service.auth.v3.Authorization`; the port must be one of HTTP/2."
                + " `Http`: a request with the same method, path and host, and of its headers"
                + " `authorization`, `cookie`, `x-request-id`, `x-forwarded-proto` and"
                + " `x-forwarded-client-cert`, which says who called; 200 allows it.")
        Protocol protocol,
    @Field(
            value = "How long an answer is waited for.",
            defaultsTo = "200ms",
            min = "1ms",
            max = "60s")
        Duration timeout,
    @Field(
            value =
                "Without an answer: `Refuse` answers 503, `Allow` lets the request go on, asked or"
                    + " not.",
            defaultsTo = "Refuse")
        OnUnavailable onUnavailable,
    @Field(
            value =
                "With `Http`: headers of an answer that allows which the app gets, in place of the"
                    + " request's own. A client's own stays where the answer has none and does not"
                    + " name it in `x-envoy-auth-headers-to-remove`.",
            pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$")
        List<String> headersToApp) {
  static final String HEADERS_MESSAGE =
      "headersToApp is for protocol Http: a server of gRPC says itself what the app gets";
  static final String FRAMING =
      "(?i)^(connection|content-length|expect|host|http2-settings|keep-alive|proxy-connection|te"
          + "|trailer|transfer-encoding|upgrade)$";
  static final String FRAMING_MESSAGE = "headersToApp: host and framing are never changed";

  private static final Pattern NEVER = Pattern.compile(FRAMING);

  public ExternalCheck {
    headersToApp = List.copyOf(headersToApp);
    if (protocol != Protocol.HTTP && !headersToApp.isEmpty()) {
      throw new IllegalArgumentException(HEADERS_MESSAGE);
    }
    if (headersToApp.stream().anyMatch(name -> NEVER.matcher(name).matches())) {
      throw new IllegalArgumentException(FRAMING_MESSAGE);
    }
  }

  /** The port that is asked, by a policy of {@code namespace}. */
  public ServicePort server(String namespace) {
    return backendRef.in(namespace);
  }

  /** How it is asked. */
  public enum Protocol {
    GRPC,
    HTTP
  }

  /** What holds without an answer. */
  public enum OnUnavailable {
    REFUSE,
    ALLOW
  }
}
