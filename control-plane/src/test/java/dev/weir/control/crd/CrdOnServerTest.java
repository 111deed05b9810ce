package dev.weir.control.crd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.Golden;
import dev.weir.testkit.Await;
import dev.weir.testkit.KubeApi;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The chart on a real API server: of one resource, and for a client that validates strictly, it
 * takes what the table says; and so does {@code weir check}, see CrdCaseTest.
 */
@Tag("kubernetes")
class CrdOnServerTest {
  private static final Path CHART = Golden.REPOSITORY.resolve("charts/weir-crds/templates");
  private static final KubeApi API = KubeApi.shared();
  private static HttpClient http;

  @BeforeAll
  static void applyTheChart() throws IOException {
    http = HttpClient.newBuilder().sslContext(API.trust()).build();
    API.namespace("shop");
    API.namespace("weir-system");
    API.kubectl("apply", "--server-side", "-f", CHART.toString());
    // A definition, or a policy of admission, is in force a moment after it is stored.
    for (PolicyKind kind : PolicyKind.ALL) {
      Await.until(() -> request("GET", kind, "shop", "").statusCode() == 200);
    }
    CrdCase byAdmission =
        CrdCase.all().filter(one -> one.name().equals("another name")).findFirst().orElseThrow();
    Await.until(() -> create(byAdmission).statusCode() != 201);
  }

  @AfterAll
  static void close() {
    http.close();
  }

  @ParameterizedTest
  @MethodSource("dev.weir.control.crd.CrdCase#all")
  void serverTakesWhatTheTableSays(CrdCase one) {
    HttpResponse<String> answer = create(one);

    assertEquals(one.server(), answer.statusCode() == 201, one.document() + answer.body());
  }

  private static HttpResponse<String> create(CrdCase one) {
    return request("POST", one.kind(), one.namespace(), one.document());
  }

  /** The server reads YAML with the library that kubectl has. */
  private static HttpResponse<String> request(
      String method, PolicyKind kind, String namespace, String body) {
    String path =
        "%s/apis/weir.dev/v1alpha1/namespaces/%s/%s?dryRun=All&fieldValidation=Strict"
            .formatted(API.url(), namespace, kind.plural());
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(path))
            .header("Authorization", "Bearer " + API.token())
            .header("Content-Type", "application/yaml")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    return send(request);
  }

  private static HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Its rules do not cost too much, its schema is structural, its names are its own. */
  @ParameterizedTest
  @FieldSource("dev.weir.control.crd.PolicyKind#ALL")
  void serverFindsNothingWrongWithTheDefinition(PolicyKind kind) throws IOException {
    String conditions =
        API.kubectl(
            "get",
            "crd/" + kind.crdName(),
            "-o",
            "jsonpath={range .status.conditions[*]}{.type}={.status} {end}");

    assertEquals("NamesAccepted=True Established=True ", conditions);
  }

  @Test
  void policyIsPrintedWithWhatItIsForAndWhatItDoes(@TempDir Path folder) throws IOException {
    Path policy =
        Files.writeString(
            folder.resolve("policy.yaml"),
            """
            apiVersion: weir.dev/v1alpha1
            kind: RateLimitPolicy
            metadata: {name: printed, namespace: shop}
            spec:
              targetRefs: [{group: "", kind: Service, name: cart}]
              limits: [{name: a, scope: Replica, rate: 10/s}]
            """);
    API.kubectl("create", "--validate=strict", "-f", policy.toString());

    String printed = API.kubectl("get", "ratepol", "-n", "shop").lines().toList().getLast();
    API.kubectl("delete", "ratelimitpolicy/printed", "-n", "shop");

    String withoutAge = printed.replaceAll(" +\\S+$", "");
    assertEquals("printed Service cart Enforce", withoutAge.replaceAll(" +", " "));
  }

  /** What {@code kubectl explain} asks for. */
  @ParameterizedTest
  @FieldSource("dev.weir.control.crd.PolicyKind#ALL")
  void serverHasADescriptionOfEachField(PolicyKind kind) {
    Await.until(
        () -> schemas().containsKey("dev.weir.v1alpha1." + kind.kind()),
        () -> "no schema of " + kind.kind());
    Map<?, ?> schema = (Map<?, ?>) schemas().get("dev.weir.v1alpha1." + kind.kind());
    List<String> without = new ArrayList<>();
    int fields = undescribed(kind.kind(), Objects.requireNonNull(schema), without);
    assertEquals(List.of(), without);
    assertTrue(fields > 10, "only " + fields + " fields of " + kind.kind());
  }

  private static Map<?, ?> schemas() {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(API.url() + "/openapi/v3/apis/weir.dev/v1alpha1"))
            .header("Authorization", "Bearer " + API.token())
            .build();
    Map<?, ?> document = new KubernetesSerialization().unmarshal(send(request).body(), Map.class);
    return document.get("components") instanceof Map<?, ?> components
            && components.get("schemas") instanceof Map<?, ?> schemas
        ? schemas
        : Map.of();
  }

  /** How many fields a schema has, at any depth. */
  private static int undescribed(String path, Map<?, ?> schema, List<String> without) {
    int fields = 0;
    if (schema.get("properties") instanceof Map<?, ?> properties) {
      for (Map.Entry<?, ?> property : properties.entrySet()) {
        String field = path + "." + property.getKey();
        Map<?, ?> of = (Map<?, ?>) property.getValue();
        if (!(of.get("description") instanceof String text) || text.isBlank()) {
          without.add(field);
        }
        fields += 1 + undescribed(field, of, without);
      }
    }
    for (String key : List.of("items", "additionalProperties")) {
      if (schema.get(key) instanceof Map<?, ?> each) {
        fields += undescribed(path + "[]", each, without);
      }
    }
    return fields;
  }

  @Test
  void fieldIsExplained() throws IOException {
    Await.until(() -> schemas().containsKey("dev.weir.v1alpha1.RateLimitPolicy"));
    String explained = API.kubectl("explain", "ratelimitpolicies.spec.limits");
    assertTrue(explained.contains("FIELD: limits <[]Object>"), explained);
    assertTrue(explained.contains("rate\t<string> -required-"), explained);
    assertTrue(explained.lines().noneMatch(line -> line.contains("<no description>")), explained);
  }

  @Test
  void examplesAreTaken() throws IOException {
    try (Stream<Path> files = Files.walk(Golden.REPOSITORY.resolve("examples"))) {
      for (Path file : files.filter(CrdOnServerTest::hasPolicies).sorted().toList()) {
        API.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", file.toString());
      }
    }
  }

  private static boolean hasPolicies(Path file) {
    try {
      return file.toString().endsWith(".yaml")
          && Files.readString(file).contains("apiVersion: weir.dev/");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
