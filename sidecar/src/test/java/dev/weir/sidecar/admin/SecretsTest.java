package dev.weir.sidecar.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.protos.yaml.JsonWriter;
import dev.weir.protos.yaml.YamlReader;
import org.junit.jupiter.api.Test;

/** What is not shown of a configuration. */
class SecretsTest {
  private static String shown(String yaml) {
    return JsonWriter.write(Secrets.redacted(YamlReader.read("test", yaml).documents().getFirst()));
  }

  @Test
  void inlineKeysAreNotShownAndFilesAre() {
    String shown =
        shown("{private_key: {inline_string: abc, filename: key.pem}, name: {inline_string: n}}");
    assertTrue(!shown.contains("abc"), shown);
    assertTrue(shown.contains("key.pem") && shown.contains("\"n\""), shown);
  }

  /** They are how a collector is told who sends. */
  @Test
  void fieldsOfOwnRequestsAreShownByNameAlone() {
    String shown =
        shown(
            """
            grpc_service: {initial_metadata: [{key: authorization, value: one}]}
            tracing:
              http_service:
                http_uri: {uri: "http://collector/"}
                request_headers_to_add: [{header: {key: x-api-key, raw_value: two}}]
            authz:
              http_service: {authorization_request: {headers_to_add: [{key: x-token, value: six}]}}
            """);
    for (String name : new String[] {"authorization", "x-api-key", "x-token", "collector"}) {
      assertTrue(shown.contains(name), shown);
    }
    assertTrue(!shown.matches("(?s).*(one|two|six).*"), shown);
    assertEquals(4, shown.split("\\[redacted]", -1).length, shown);
  }

  @Test
  void fieldsThatRoutesAddAreShown() {
    String shown = shown("{route: {request_headers_to_add: [{header: {key: x-a, value: seen}}]}}");
    assertTrue(shown.contains("seen"), shown);
  }
}
