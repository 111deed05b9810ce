package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Who is asked whether a request may go on, and what holds without an answer. */
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
        OnUnavailable onUnavailable) {
  /** The port that is asked, by a policy of {@code namespace}. */
  public ServicePort server(String namespace) {
    String where = backendRef.namespace();
    return new ServicePort(
        new ObjectName(where == null ? namespace : where, backendRef.name()), backendRef.port());
  }

  /** A port of a Service. */
  public record Backend(
      @Field(value = "A Service.", defaultsTo = "Service") Kind kind,
      @Field(value = "Its name.", min = "1", max = "253") String name,
      @Field(value = "Unset: the policy's own.", min = "1", max = "253") @Nullable String namespace,
      @Field(value = "Its port.", min = "1", max = "65535") int port) {}

  /** What may be asked. */
  public enum Kind {
    SERVICE
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
