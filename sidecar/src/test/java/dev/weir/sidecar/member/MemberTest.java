package dev.weir.sidecar.member;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.bootstrap.BootstrapLoader;
import dev.weir.sidecar.bootstrap.Loaded;
import dev.weir.sidecar.config.bootstrap.WorkloadIdentity;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.member.names.Service;
import dev.weir.sidecar.member.names.ServiceName;
import dev.weir.sidecar.member.names.Services;
import dev.weir.sidecar.snapshot.CompileCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemberTest {
  private static final String SERVICES =
      """
      [{"namespace":"shop","name":"inventory","address":"240.240.1.2","ports":[]},
       {"namespace":"back","name":"inventory","address":"240.240.1.3","ports":[]},
       {"namespace":"shop","name":"frontend","address":"240.240.1.4","ports":[]}]
      """;

  @TempDir Path folder;
  private volatile String answer = SERVICES;
  private volatile int status = 200;
  private HttpServer controlPlane;

  @BeforeEach
  void start() throws IOException {
    controlPlane = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    controlPlane.createContext(
        "/services",
        exchange -> {
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Connection", "close"); // else the JDK keeps it
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    controlPlane.start();
  }

  @AfterEach
  void stop() {
    controlPlane.stop(0);
  }

  private void prepare(String service) throws IOException {
    URI page = URI.create("http://127.0.0.1:" + controlPlane.getAddress().getPort() + "/services");
    List<Service> services = new Services(page, folder.resolve("services.json")).read();
    Service own = ServiceName.parse(service, Optional.empty()).in(services);
    MemberFiles files = new MemberFiles(folder);
    files.writeHosts(own, services, "inventory-1", "10.88.0.2", "127.0.0.1 localhost\n");
    files.writeBootstrap(
        own,
        "inventory-1",
        "10.88.0.2",
        new InetSocketAddress("10.88.0.1", 15010),
        Optional.of(
            new MemberProof(
                "mesh.test", folder.resolve("root-cert.pem"), folder.resolve("token"))));
  }

  private String refused(String service) {
    return String.valueOf(assertThrows(Exception.class, () -> prepare(service)).getMessage());
  }

  @Test
  void aMembersFilesAreWhatTheSidecarAndTheSystemTake() throws IOException {
    prepare("shop/inventory");

    Loaded.Accepted loaded =
        assertInstanceOf(
            Loaded.Accepted.class,
            new BootstrapLoader(FieldPolicy.REJECT, new CompileCheck())
                .load(folder.resolve("bootstrap.yaml")));
    Cluster.Protocol.Http2 protocol =
        assertInstanceOf(
            Cluster.Protocol.Http2.class, loaded.bootstrap().clusters().getFirst().protocol());
    assertTrue(protocol.options().keepAlive().isPresent(), "a stream that is cut is noticed");
    assertEquals(
        Optional.of("spiffe://mesh.test/ns/shop/sa/inventory"),
        loaded.bootstrap().identity().map(WorkloadIdentity::spiffeId));
    assertEquals(
        2,
        Files.readString(folder.resolve("bootstrap.yaml"))
                .split("exact: \"spiffe://mesh.test/ns/weir-system/sa/weir-control-plane\"", -1)
                .length
            - 1,
        "the control plane is held to who it is, as such and as the CA");
    List<String> hosts = Files.readAllLines(folder.resolve("hosts"));
    assertEquals(
        "240.240.1.2\tinventory inventory.shop inventory.shop.svc inventory.shop.svc.cluster.local",
        hosts.get(0));
    assertEquals(
        "240.240.1.3\tinventory.back inventory.back.svc inventory.back.svc.cluster.local",
        hosts.get(1));
    assertEquals(List.of("10.88.0.2\tinventory-1", "127.0.0.1 localhost"), hosts.subList(3, 5));
  }

  @Test
  void aHostsFileThatIsWrittenAgainIsTheSameFileAndHasNothingOfTheOneBefore() throws IOException {
    prepare("shop/inventory");
    Object file = Files.getAttribute(folder.resolve("hosts"), "unix:ino");
    answer = SERVICES.replaceFirst("\\{.*?},", "");

    prepare("back/inventory");

    assertEquals(file, Files.getAttribute(folder.resolve("hosts"), "unix:ino"));
    assertEquals(4, Files.readAllLines(folder.resolve("hosts")).size());
  }

  @Test
  void theOnlyNamespaceThatHasSuchAServiceNeedNotBeNamed() throws IOException {
    prepare("frontend");

    assertTrue(Files.exists(folder.resolve("bootstrap.yaml")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cart | there is no service cart; there are: back/inventory, shop/frontend,"
            + " shop/inventory",
        "inventory | several namespaces have a service inventory: back/inventory,"
            + " shop/inventory; name one: --namespace NAMESPACE",
        "back/cart | there is no service back/cart; there are: back/inventory,"
            + " shop/frontend, shop/inventory",
      })
  void aServiceThatIsNoneOrSeveralIsToldWithThoseThatAre(String service, String error) {
    assertEquals(error, refused(service));
  }

  @Test
  void aServiceThatLeadsOutOfTheMeshHasNoInstances() {
    answer =
        SERVICES.replace(
            "\"name\":\"frontend\"", "\"name\":\"mail\",\"externalName\":\"mail.test\"");

    assertEquals(
        "shop/mail is of type ExternalName: it leads to mail.test, and has no instances in the mesh",
        refused("shop/mail"));
  }

  @Test
  void whatTheControlPlaneSaidLastHoldsWhileItIsAway() throws IOException {
    prepare("shop/inventory");
    stop();

    prepare("shop/frontend");

    assertTrue(Files.readString(folder.resolve("hosts")).contains("frontend"));
  }

  /** Something else has the port, or the page is cut short. */
  @Test
  void whatTheControlPlaneSaidLastHoldsWhileWhatAnswersIsNoControlPlane() throws IOException {
    prepare("shop/inventory");
    answer = "<html>";

    prepare("shop/frontend");

    assertTrue(Files.readString(folder.resolve("hosts")).contains("frontend"));
  }

  @Test
  void anAnswerThatIsNoListOfServicesIsSaidWhereNothingIsKept() {
    answer = "{}";

    assertTrue(refused("shop/inventory").contains("/services is no list of services"));
  }

  @Test
  void noControlPlaneAndNothingKeptIsSaid() {
    stop();

    assertTrue(refused("shop/inventory").startsWith("no control plane answers at"));
  }

  @Test
  void whatTheAnswerSaysOfAFailureIsSaid() {
    status = 503;
    answer = "the control plane\nis away\n";

    assertTrue(
        refused("shop/inventory").endsWith("/services: status 503: the control plane is away"),
        () -> refused("shop/inventory"));
  }

  @Test
  void aNamespaceInTheNameBeatsTheOption() {
    ServiceName name = ServiceName.parse("shop/inventory", Optional.of("back"));

    assertEquals(Optional.of("shop"), name.namespace());
    assertThrows(IllegalArgumentException.class, () -> name.in(List.of()));
  }
}
