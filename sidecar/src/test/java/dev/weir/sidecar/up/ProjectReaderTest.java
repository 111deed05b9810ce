package dev.weir.sidecar.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weir.sidecar.member.RestartPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProjectReaderTest {
  @TempDir Path folder;

  private ProjectReader.Read read(String text) {
    return ProjectReader.read(
        folder.resolve("weir.yaml"), text, FolderServices.of(folder), Map.of("WHO", "me")::get);
  }

  private List<String> problems(String text) {
    return read(text).problems().stream()
        .map(problem -> problem.toString().substring(folder.toString().length() + 1))
        .toList();
  }

  @BeforeEach
  void writeServices() throws IOException {
    mesh("shop/cart", "shop/stock", "shop/a");
  }

  private void mesh(String... services) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String service : services) {
      String[] names = service.split("/", 2);
      text.append(
          "---\napiVersion: v1\nkind: Service\nmetadata: {namespace: %s, name: %s}\n"
              .formatted(names[0], names[1]));
    }
    Files.writeString(folder.resolve("services.yml"), text);
  }

  @Test
  void eachKeyOfAServiceIsRead() throws IOException {
    Files.writeString(folder.resolve("app.env"), "A=1\nB=1\n");
    Files.createDirectory(folder.resolve("apps"));

    ProjectReader.Read read =
        read(
            """
            services:
              shop/cart:
                command: python3 'my app.py' ${WHO}
                working_dir: apps
                env_file: app.env
                environment: {B: 2, C: "${WHO:-x}", WHO: }
                ports: ["8080:80", 0.0.0.0:81]
                depends_on: {stock: {condition: service_started}}
                restart: unless-stopped
                stop_grace_period: 1m
              stock:
                command: [echo, "a b"]
                depends_on: []
                deploy: {replicas: 3}
            """);

    assertEquals(List.of(), read.problems());
    Service cart = read.services().getFirst();
    assertEquals(List.of("python3", "my app.py", "me"), cart.command());
    assertEquals(folder.resolve("apps"), cart.workingDir());
    assertEquals(Map.of("A", "1", "B", "2", "C", "me", "WHO", "me"), cart.environment());
    assertEquals(
        List.of("127.0.0.1:8080:80", "0.0.0.0:81:81"),
        cart.ports().stream().map(Object::toString).toList());
    assertEquals(Map.of("stock", Service.Condition.STARTED), cart.dependsOn());
    assertEquals(RestartPolicy.parse("always"), cart.restart());
    assertEquals(Duration.ofMinutes(1), cart.stopGrace());
    assertEquals(1, cart.replicas());
    Service stock = read.services().getLast();
    assertEquals(List.of("echo", "a b"), stock.command());
    assertEquals(3, stock.replicas());
  }

  @Test
  void whatIsWrongHasItsPlace() {
    assertEquals(
        List.of(
            "weir.yaml:1: networks: is not a key that is known here; these are: services",
            "weir.yaml:3: services.cart.command: is missing",
            "weir.yaml:4: services.cart.port: is not a key that is known here; did you mean"
                + " \"ports\"?",
            "weir.yaml:5: services.cart.depends_on.stock.condition: \"service_completed\" is not"
                + " one of service_started, service_healthy and service_completed_successfully",
            "weir.yaml:6: services.cart.restart: \"often\" is not one of no, on-failure,"
                + " on-failure:TIMES, always and unless-stopped",
            "weir.yaml:7: services.cart.deploy.replicas: \"many\" is not a number from 0 to 100"),
        problems(
            """
            networks: {}
            services:
              cart:
                port: []
                depends_on: {stock: {condition: service_completed}}
                restart: often
                deploy: {replicas: many}
            """));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | weir.yaml:1: there is no services: in it",
        "'services: []' | weir.yaml:1: services: must be a map, and is a list",
        "'name: x' | weir.yaml:1: there is no services: in it",
        "'services: {}' | weir.yaml:1: services: there is no service in it",
        "'services: {a: {command: x, working_dir: gone}}' | weir.yaml:1: services.a.working_dir:"
            + " FOLDER/gone is not a folder",
        "'services: {a: {command: x, env_file: gone}}' | weir.yaml:1: services.a.env_file: there is"
            + " no file FOLDER/gone",
        "'services: {a: {command: x, env_file: [.]}}' | weir.yaml:1: services.a.env_file[0]:"
            + " FOLDER/. is a folder",
        "'services: {a: {command: x, env_file: [{required: no}]}}' | weir.yaml:1:"
            + " services.a.env_file[0].required: \"no\" is not true or false; weir.yaml:1:"
            + " services.a.env_file[0].path: is missing",
        "'services: {a: {command: x, environment: [\"1B=c\"]}}' | weir.yaml:1:"
            + " services.a.environment[0]: \"1B\" is not a variable's name",
        "'services: {a: {command: x, environment: {A B: c}}}' | weir.yaml:1:"
            + " services.a.environment[\"A B\"]: \"A B\" is not a variable's name",
        "'services: {carts: {command: x}}' | weir.yaml:1: services.carts: there is no such service"
            + " in the folder; did you mean \"cart\"?; there are: shop/a, shop/cart, shop/stock",
        "'services: {a: {command: x, ports: [80], deploy: {replicas: 2}}}' | weir.yaml:1:"
            + " services.a.ports[0]: each of 2 replicas would listen there, and one can; leave it"
            + " out, or say deploy.replicas: 1",
        "'services: {a: {command: x, ports: [80]}, cart: {command: x, ports: [\"0.0.0.0:80:81\"]}}'"
            + " | weir.yaml:1: services.cart.ports[0]: is listened at already: services.a.ports[0];"
            + " choose another port",
        "'services: {a: {command: x, ports: [\"80/udp\"]}}' | weir.yaml:1: services.a.ports[0]:"
            + " \"80/udp\" is UDP, and what is published is TCP",
        "'services: {a: {command: x, ports: [{target: 80, protocol: udp}]}}' | weir.yaml:1:"
            + " services.a.ports[0].published: is missing: a port, from 1 to 65535; weir.yaml:1:"
            + " services.a.ports[0].protocol: must be tcp: nothing else is published",
        "'services: {a: {command: x, ports: [{target: 80, published: 8000-8010}]}}' |"
            + " weir.yaml:1: services.a.ports[0]: \"8000-8010:80\" is not [IP:]PORT[:APP_PORT], as"
            + " 8080 or 0.0.0.0:80:8080",
        "'services: {Cart: {command: x}}' | weir.yaml:1: services.Cart: is not NAME or"
            + " NAMESPACE/NAME of a service",
        "'services: {a: {command: \"x ''y\"}}' | weir.yaml:1: services.a.command: the quote ' is"
            + " not closed",
        "'services: {a: {command: x, ports: [x]}}' | weir.yaml:1: services.a.ports[0]: \"x\" is not"
            + " [IP:]PORT[:APP_PORT], as 8080 or 0.0.0.0:80:8080",
        "'services: {a: {command: \"${NO:?none}\"}}' | weir.yaml:1: services.a.command: NO is not"
            + " set: none",
      })
  void aFileThatIsNoneIsTold(String text, String what) {
    assertEquals(what.replace("FOLDER", folder.toString()), String.join("; ", problems(text)));
  }

  @Test
  void composesOtherFormsAreRead() throws IOException {
    Files.writeString(folder.resolve("app.env"), "A=1\n");

    ProjectReader.Read read =
        read(
            """
            version: "3.8"
            name: shop-${WHO}
            x-common: &common
              restart: always
            services:
              cart:
                command: x
                x-note: mine
                env_file: [{path: app.env}, {path: gone.env, required: false}]
                ports:
                  - "127.0.0.1:18084:8080/tcp"
                  - {target: 81, published: "18085", host_ip: "::1", protocol: tcp, mode: host}
                depends_on:
                  stock: {condition: service_completed_successfully}
              stock: {command: x}
            """);

    assertEquals(List.of(), read.problems());
    Service cart = read.services().getFirst();
    assertEquals(Map.of("A", "1"), cart.environment());
    assertEquals(
        List.of("127.0.0.1:18084:8080", "[0:0:0:0:0:0:0:1]:18085:81"),
        cart.ports().stream().map(Object::toString).toList());
    assertEquals(Map.of("stock", Service.Condition.COMPLETED), cart.dependsOn());
  }

  @Test
  void aServiceOfSeveralNamespacesIsToBeNamedWithOne() throws IOException {
    mesh("shop/cart", "back/cart");

    assertEquals(
        List.of(
            "weir.yaml:1: services.cart: several namespaces have it: back/cart, shop/cart; name one"
                + " of these"),
        problems("services: {cart: {command: x}}"));
    assertEquals(List.of(), problems("services: {back/cart: {command: x}}"));
  }

  @Test
  void aServiceOutsideOfTheMeshHasNoInstances() throws IOException {
    Files.writeString(
        folder.resolve("mail.yaml"),
        """
        apiVersion: v1
        kind: List
        items:
          - apiVersion: v1
            kind: Service
            metadata: {name: mail}
            spec: {type: ExternalName, externalName: mail.test}
        """);

    assertEquals(
        List.of(
            "weir.yaml:1: services.mail: is of type ExternalName: it leads to mail.test, and has no"
                + " instances in the mesh"),
        problems("services: {mail: {command: x}}"));
  }

  /** What it has is not known: the control plane says what is wrong with it. */
  @Test
  void aFolderWithABrokenFileMayHaveAnyService() throws IOException {
    Files.writeString(folder.resolve("broken.yaml"), "kind: Service\n  metadata: [\n");

    assertEquals(List.of(), problems("services: {other: {command: x}}"));
  }

  private static Service named(String name, String... needed) {
    Map<String, Service.Condition> conditions = new java.util.LinkedHashMap<>();
    for (String one : needed) {
      conditions.put(one, Service.Condition.HEALTHY);
    }
    return new Service(
        name,
        List.of("true"),
        Path.of("/"),
        Map.of(),
        List.of(),
        conditions,
        RestartPolicy.NO,
        Duration.ZERO,
        1);
  }

  @Test
  void aServiceComesAfterThoseThatItDependsOn() {
    List<Service> order = Order.of(List.of(named("a", "b", "c"), named("b", "c"), named("c")));

    assertEquals(List.of("c", "b", "a"), order.stream().map(Service::name).toList());
  }

  @Test
  void aCircleAndAServiceThatIsNotThereAreTold() {
    assertEquals(
        "depends_on goes in a circle: b -> c -> b",
        assertThrows(
                IllegalArgumentException.class,
                () -> Order.of(List.of(named("a", "b"), named("b", "c"), named("c", "b"))))
            .getMessage());
    assertEquals(
        "services.cart.depends_on: there is no service stok; did you mean \"stock\"?",
        assertThrows(
                IllegalArgumentException.class,
                () -> Order.of(List.of(named("cart", "stok"), named("stock"))))
            .getMessage());
  }
}
