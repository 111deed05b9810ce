package dev.weir.control.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.Golden;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code check DIR}: what it prints and its exit status. */
class CheckTest {
  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private InputStream in = InputStream.nullInputStream();

  @Test
  void examplesHaveNoErrors() {
    int status = check(Golden.REPOSITORY.resolve("examples/shop").toString());
    assertEquals("3 services, 0 routes, 4 policies on targets: no errors\n", said());
    assertEquals(0, status);
  }

  @Test
  void errorsAreStatusOne() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), "kind: [");
    assertEquals(1, check(folder.toString()));
    assertTrue(said().startsWith(folder.resolve("a.yaml") + ":1: not valid YAML"), this::said);
  }

  @Test
  void oneFileIsCheckedByItself() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("a.yaml"),
            "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}, spec: {ports:"
                + " [{name: http, port: 80}]}}");
    Files.writeString(folder.resolve("other.yaml"), "kind: [");
    assertEquals(0, check(file.toString()));
    assertEquals("1 service, 0 routes, 0 policies on targets: no errors\n", said());
    assertEquals(2, check(folder.resolve("none.yaml").toString()));
  }

  /** One file is checked as it is named, and what is beside it may be what it refers to. */
  @Test
  void whatAFileAloneRefersToMayBeInTheFolder() throws IOException {
    Path route =
        Files.writeString(
            folder.resolve("route.yaml"),
            """
            apiVersion: weir.dev/v1alpha1
            kind: ResiliencePolicy
            metadata: {name: a, namespace: b}
            spec: {targetRefs: [{group: "", kind: Service, name: a}], timeouts: {request: 1s}}
            """);
    assertEquals(1, check(route.toString()));
    String hint = "If it is in a file beside, check the folder: weir check " + folder;
    assertTrue(said().contains("Service b/a does not exist. " + hint), this::said);
    out.reset();
    assertEquals(1, check(folder.toString()));
    assertFalse(said().contains(hint), this::said);
  }

  @Test
  void whatIsNoTextIsSaidWithItsLine() throws IOException {
    byte[] text = ("# a\n".repeat(8) + "# \u00ff\n").getBytes(StandardCharsets.ISO_8859_1);
    Files.write(folder.resolve("a.yaml"), text);
    assertEquals(1, check(folder.toString()));
    assertTrue(said().startsWith(folder.resolve("a.yaml") + ":9: is not UTF-8"), this::said);
  }

  @Test
  void resourceOfAnotherMeshIsNamedWithItsCounterpartAndCounted() throws IOException {
    Files.writeString(
        folder.resolve("a.yaml"),
        """
        {apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}, spec: {ports: [{name: http, port: 80}]}}
        ---
        apiVersion: networking.istio.io/v1beta1
        kind: VirtualService
        metadata: {name: a}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: a}
        """);
    assertEquals(0, check(folder.toString()));
    assertEquals(
        """
        FILE:4: warning: kind: networking.istio.io/v1beta1 VirtualService is another mesh's and is not read; here it is HTTPRoute or GRPCRoute of Gateway API for where calls go, ResiliencePolicy for timeouts and retries
        FILE:8: warning: kind: apps/v1 Deployment says nothing to a mesh and is not read
        1 service, 0 routes, 0 policies on targets: no errors, 2 warnings
        """
            .replace("FILE", folder.resolve("a.yaml").toString()),
        said());
  }

  @Test
  void jsonHoldsTheSameFindings() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), "- 1");
    assertEquals(1, check("--output", "json", folder.toString()));
    assertEquals(
        """
        [
         {
          "severity": "error",
          "file": "%s",
          "line": 1,
          "resource": "",
          "field": "",
          "message": "expected a resource, not a list"
         }
        ]
        """
            .formatted(folder.resolve("a.yaml")),
        said());
  }

  @Test
  void severalPathsAreOneMesh() throws IOException {
    Path services = Files.createDirectory(folder.resolve("services"));
    Path service =
        Files.writeString(
            services.resolve("a.yaml"),
            "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}, spec: {ports:"
                + " [{name: http, port: 80}]}}");
    Path policy =
        Files.writeString(
            folder.resolve("policy.yaml"),
            """
            apiVersion: weir.dev/v1alpha1
            kind: ResiliencePolicy
            metadata: {name: a, namespace: b}
            spec: {targetRefs: [{group: "", kind: Service, name: a}], retry: {}}
            """);
    assertEquals(1, check(policy.toString()));
    assertEquals(0, check(services.toString(), policy.toString()));
    assertEquals(0, check(policy.toString(), service.toString(), services.toString()), this::said);
    assertTrue(
        said().endsWith("1 service, 0 routes, 1 policy on targets: no errors\n"), this::said);
    assertEquals(0, check("-o", "json", policy.toString(), service.toString()));
    assertTrue(said().endsWith("[]\n"), this::said);
    assertEquals(2, check(policy.toString(), folder.resolve("none").toString()));
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path other = Files.createDirectory(folder.resolve("other"));
    assertEquals(1, check(empty.toString(), other.toString()));
  }

  @Test
  void folderWithoutAResourceIsAnError() throws IOException {
    Files.writeString(folder.resolve("service.yaml.bak"), "kind: Service");
    assertEquals(1, check(folder.toString()));
    assertEquals(
        folder
            + ": there is no resource in it that a mesh reads; they are read from files that end"
            + " in .yaml, .yml or .json, here and in the folders below\n"
            + "0 services, 0 routes, 0 policies on targets: 1 error\n",
        said());
  }

  @Test
  void everyWrongValueOfAListIsNamed() throws IOException {
    Files.writeString(
        folder.resolve("a.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: a}
        spec: {ports: [{port: 80}]}
        ---
        apiVersion: weir.dev/v1alpha1
        kind: ResiliencePolicy
        metadata: {name: a}
        spec:
          targetRefs: [{group: "", kind: Service, name: a}]
          retry: {codes: [99, abc]}
        """);
    assertEquals(1, check(folder.toString()));
    String at = folder.resolve("a.yaml") + ":11: ResiliencePolicy default/a: spec.retry.codes";
    assertEquals(
        List.of(
            at + "[0]: 99 is out of range; 400 to 599 are allowed",
            at + "[1]: expected a whole number, not \"abc\"",
            "1 service, 0 routes, 0 policies on targets: 2 errors"),
        said().lines().toList());
  }

  @Test
  void wrongUsageIsALine() {
    Path none = folder.resolve("none");
    assertEquals(2, check(none.toString()));
    assertEquals(2, check());
    assertEquals(2, check("--bogus"));
    assertEquals(2, check("--ouput=json", folder.toString()));
    assertEquals(2, check(folder.toString(), "more"));
    assertEquals(
        List.of(
            "weir check: " + none + " is neither a folder nor a file; see weir check --help",
            "weir check: Missing required parameter: 'PATH'; or which cluster, by"
                + " --kubeconfig or $KUBECONFIG; see weir check --help",
            "weir check: Unknown option: '--bogus'; see weir check --help",
            "weir check: Unknown option: '--ouput=json'; did you mean \"--output\"?; see weir check"
                + " --help",
            "weir check: more is neither a folder nor a file; see weir check --help"),
        said().lines().toList());
  }

  private static final String SERVICE =
      "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}, spec: {ports: [{name: http,"
          + " port: 80}]}}";

  @Test
  void whatIsPipedInIsChecked() {
    in = new ByteArrayInputStream((SERVICE + "\n---\nkind: [").getBytes(StandardCharsets.UTF_8));
    assertEquals(1, check("-"));
    assertTrue(said().startsWith("-:3: not valid YAML"), this::said);
    out.reset();
    in = new ByteArrayInputStream("# nothing".getBytes(StandardCharsets.UTF_8));
    assertEquals(1, check("-"));
    assertTrue(said().startsWith("-: there is no resource in it"), this::said);
  }

  @Test
  void filesMayBeNamedAsToKubectlBesideWhatIsPipedIn() throws IOException {
    Path policy =
        Files.writeString(
            folder.resolve("policy.yaml"),
            "{apiVersion: weir.dev/v1alpha1, kind: ResiliencePolicy, metadata: {name: a, namespace:"
                + " b}, spec: {targetRefs: [{group: '', kind: Service, name: a}], timeouts: {request:"
                + " 2s}}}");
    in = new ByteArrayInputStream(SERVICE.getBytes(StandardCharsets.UTF_8));
    assertEquals(0, check("-f", policy.toString(), "-f", "-"), this::said);
    assertEquals("1 service, 0 routes, 1 policy on targets: no errors\n", said());
  }

  @Test
  void kindsOfGatewayApiThatAreNoMeshsAreKnownAndNotRead() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("a.yaml"),
            SERVICE
                + """

                ---
                {apiVersion: gateway.networking.k8s.io/v1alpha2, kind: UDPRoute, metadata: {name: a, namespace: b}}
                ---
                {apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a, namespace: b}}
                """);
    assertEquals(0, check(file.toString()), this::said);
    assertEquals(
        """
        FILE:3: warning: kind: gateway.networking.k8s.io/v1alpha2 UDPRoute is known, and is not read: UDP goes past the mesh
        FILE:5: warning: kind: gateway.networking.k8s.io/v1 Gateway is known, and is not read: it is a gateway's
        1 service, 0 routes, 0 policies on targets: no errors, 2 warnings
        """
            .replace("FILE", file.toString()),
        said());
  }

  @Test
  void helpHasTheNamePeopleCallItBy() {
    assertEquals(0, check("--help"));
    assertTrue(said().startsWith("Usage: weir check ["), this::said);
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private int check(String... arguments) {
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    return Check.run(arguments, Map.of("HOME", folder.toString()), in, stream, stream);
  }
}
