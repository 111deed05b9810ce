package dev.weir.sidecar.resource.value;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.OtlpService;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HttpService;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code GrpcService} and {@code HttpService} of who takes telemetry by OTLP. */
public final class OtlpServices {
  /** Of one request where none is said; OpenTelemetry's. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private OtlpServices() {}

  public static OtlpService grpc(GrpcService proto, FieldPath path) throws Invalid {
    if (!proto.hasEnvoyGrpc()) {
      throw new Invalid(path, "must set envoy_grpc; nothing else is supported");
    }
    GrpcService.EnvoyGrpc envoy = proto.getEnvoyGrpc();
    FieldPath at = path.field("envoy_grpc");
    return new OtlpService.Grpc(
        envoy.getClusterName(),
        WireTexts.grpcAuthority(envoy.getAuthority(), envoy.getClusterName(), at),
        timeout(proto.hasTimeout(), proto.getTimeout(), path.field("timeout")),
        fields(proto.getInitialMetadataList(), path.field("initial_metadata")));
  }

  public static OtlpService http(HttpService proto, FieldPath path) throws Invalid {
    FieldPath at = path.field("http_uri");
    URI uri = WireTexts.uri(proto.getHttpUri().getUri(), at.field("uri"));
    String target = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i < proto.getRequestHeadersToAddCount(); i++) {
      HeaderValueOption each = proto.getRequestHeadersToAdd(i);
      FieldPath field = path.field("request_headers_to_add").index(i).field("header");
      put(each.getHeader(), field, fields);
    }
    return new OtlpService.Http(
        proto.getHttpUri().getCluster(),
        uri.getRawAuthority(),
        uri.getRawQuery() == null ? target : target + "?" + uri.getRawQuery(),
        timeout(
            proto.getHttpUri().hasTimeout(), proto.getHttpUri().getTimeout(), at.field("timeout")),
        fields);
  }

  private static Duration timeout(boolean set, com.google.protobuf.Duration proto, FieldPath path)
      throws Invalid {
    Duration timeout = Scalars.duration(set, proto, TIMEOUT, path);
    if (timeout.isZero()) {
      throw new Invalid(
          path, "must be above 0: what is sent would wait as long as a collector is silent");
    }
    return timeout;
  }

  private static Map<String, String> fields(List<HeaderValue> protos, FieldPath path)
      throws Invalid {
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i < protos.size(); i++) {
      put(protos.get(i), path.index(i), fields);
    }
    return fields;
  }

  private static void put(HeaderValue proto, FieldPath path, Map<String, String> fields)
      throws Invalid {
    fields.put(
        HeaderMutations.name(proto.getKey(), path.field("key")),
        WireTexts.asciiValue(proto.getValue(), path.field("value")));
  }
}
