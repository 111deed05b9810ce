package dev.weir.sidecar.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.Value;
import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.yaml.JsonWriter;
import dev.weir.sidecar.xds.TestDynamicConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.trace.v3.OpenTelemetryConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import org.junit.jupiter.api.Test;

/** What is not shown of a configuration. */
class SecretsTest {
  /** As JSON; the bytes are searched for {@code hush} as well. */
  private static String shown(Message prototype, String yaml) {
    return shown(TestDynamicConfig.any(prototype, yaml));
  }

  private static String shown(Any any) {
    Any shown = Secrets.redacted(any);
    assertFalse(shown.getValue().toStringUtf8().contains("hush"), shown::toString);
    return JsonWriter.write(ProtoWriter.write(shown));
  }

  @Test
  void inlineKeysAreNotShownAndFilesAre() {
    String shown =
        shown(
            Secret.getDefaultInstance(),
            """
            name: own
            tls_certificate:
              certificate_chain: {inline_string: chain}
              private_key: {inline_string: hush-1}
              password: {inline_bytes: aHVzaC0y}
              pkcs12: {filename: key.p12}
            """);
    assertTrue(shown.contains("key.p12") && shown.contains("chain"), shown);
    assertEquals(3, shown.split("\\[redacted]", -1).length, shown);
  }

  @Test
  void keysOfTicketsAndOtherSecretsAreNotShown() {
    String tickets =
        shown(
            Secret.getDefaultInstance(),
            "{name: t, session_ticket_keys: {keys: [{inline_string: hush-1}, {filename: k}]}}");
    assertTrue(tickets.contains("[redacted]") && tickets.contains("\"k\""), tickets);
    String generic =
        shown(
            Secret.getDefaultInstance(),
            """
            name: g
            generic_secret: {secret: {inline_string: hush-1}, secrets: {one: {inline_string: hush-2}}}
            """);
    assertTrue(generic.contains("one"), generic);
  }

  @Test
  void keyWithinMessagesWithinMessagesIsNotShown() {
    String shown =
        shown(
            Cluster.getDefaultInstance(),
            """
            name: c
            transport_socket:
              name: tls
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                sni: seen
                common_tls_context:
                  tls_certificates: [{private_key: {inline_string: hush}}]
            """);
    assertTrue(shown.contains("seen") && shown.contains("[redacted]"), shown);
  }

  @Test
  void structThatStandsForAMessageHidesWhatTheMessageWould() {
    String shown =
        shown(
            Cluster.getDefaultInstance(),
            """
            name: c
            transport_socket:
              name: tls
              typed_config:
                "@type": type.googleapis.com/xds.type.v3.TypedStruct
                type_url: type.googleapis.com/x
                value:
                  tls_certificates: [{private_key: {inline_string: hush, filename: seen}}]
                  initial_metadata: [{key: a, value: hush}]
                  checkSettings: {contextExtensions: {a: hush}}
                  request_headers_to_add: [{header: {key: x-of-a-route, value: seen2}}]
                  httpService:
                    server_uri: {uri: seen3}
                    authorizationRequest: {headersToAdd: [{key: authorization, value: hush}]}
                  health: {http_health_check: {request_headers_to_add: [{header: {value: hush}}]}}
            """);
    assertTrue(shown.contains("seen") && shown.contains("seen2") && shown.contains("seen3"), shown);
  }

  @Test
  void tokensOfGoogleGrpcAndOfTheNodesMetadataAreNotShown() {
    shown(
        GrpcService.getDefaultInstance(),
        """
        google_grpc:
          target_uri: a
          stat_prefix: b
          call_credentials: [{access_token: hush}, {google_refresh_token: hush}]
        """);
    shown(
        Cluster.getDefaultInstance(),
        """
        name: c
        health_checks:
        - http_health_check:
            path: /
            request_headers_to_add: [{header: {key: authorization, value: hush}}]
        """);
    Node node =
        Node.newBuilder()
            .setId("seen")
            .setMetadata(
                Struct.newBuilder()
                    .putFields("password", Value.newBuilder().setStringValue("hush").build()))
            .build();
    String text = Secrets.redacted(node).toString();
    assertTrue(text.contains("seen") && !text.contains("hush"), text);
  }

  /** They are how a collector is told who sends. */
  @Test
  void fieldsOfOwnRequestsAreShownByNameAlone() {
    String grpc =
        shown(
            GrpcService.getDefaultInstance(),
            """
            initial_metadata: [{key: authorization, value: hush}, {key: x-b, raw_value: aHVzaA==}]
            """);
    assertTrue(grpc.contains("authorization") && grpc.contains("x-b"), grpc);
    assertEquals(3, grpc.split("\\[redacted]", -1).length, grpc);
    String http =
        shown(
            OpenTelemetryConfig.getDefaultInstance(),
            """
            http_service:
              http_uri: {uri: "http://collector/", cluster: c, timeout: 1s}
              request_headers_to_add: [{header: {key: x-api-key, value: hush}}]
            """);
    assertTrue(http.contains("collector") && http.contains("x-api-key"), http);
  }

  @Test
  void fieldsThatRoutesAddAreShown() {
    String shown =
        shown(
            VirtualHost.getDefaultInstance(),
            "{name: v, request_headers_to_add: [{header: {key: x-a, value: seen}}]}");
    assertTrue(shown.contains("seen"), shown);
  }

  @Test
  void whatCannotBeLookedIntoIsNotShown() {
    Any unknown =
        Any.newBuilder()
            .setTypeUrl("type.googleapis.com/no.such.Type")
            .setValue(ByteString.copyFromUtf8("hush"))
            .build();
    assertTrue(shown(unknown).contains("no.such.Type"));
    shown(
        Any.newBuilder()
            .setTypeUrl("type.googleapis.com/envoy.config.cluster.v3.Cluster")
            .setValue(ByteString.copyFromUtf8("hush"))
            .build());
    shown(
        Any.pack(
            Cluster.newBuilder()
                .setName("c")
                .setUnknownFields(
                    UnknownFieldSet.newBuilder()
                        .addField(
                            9999,
                            UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFromUtf8("hush"))
                                .build())
                        .build())
                .build()));
  }

  @Test
  void whatHidesNothingIsTheVerySame() {
    Any cluster = TestDynamicConfig.cluster("a");
    assertSame(cluster, Secrets.redacted(cluster));
  }
}
