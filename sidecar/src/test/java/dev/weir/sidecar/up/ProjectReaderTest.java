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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProjectReaderTest {
  @TempDir Path folder;

  private ProjectReader.Read read(String text) {
    return ProjectReader.read(folder.resolve("weir.yaml"), text, Map.of("WHO", "me")::get);
  }

  private List<String> problems(String text) {
    return read(text).problems().stream()
        .map(problem -> problem.toString().substring(folder.toString().length() + 1))
        .toList();
  }

  @Test
  void eachKeyOfAServiceIsRead() throws IOException {
    Files.writeString(folder.resolve("app.env"), "A=1\nB=1\n");

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
                deploy: {replicas: 3}
              stock:
                command: [echo, "a b"]
                depends_on: []
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
    assertEquals(3, cart.replicas());
    Service stock = read.services().getLast();
    assertEquals(List.of("echo", "a b"), stock.command());
    assertEquals(1, stock.replicas());
  }

  @Test
  void whatIsWrongHasItsPlace() {
    assertEquals(
        List.of(
            "weir.yaml:1: version: is not a key that is known here; these are: services",
            "weir.yaml:4: services.cart.port: is not a key that is known here; did you mean"
                + " \"ports\"?",
            "weir.yaml:3: services.cart.command: is missing",
            "weir.yaml:5: services.cart.depends_on.stock.condition: \"service_completed\" is not"
                + " one of service_started and service_healthy",
            "weir.yaml:6: services.cart.restart: \"often\" is not one of no, on-failure,"
                + " on-failure:TIMES and always",
            "weir.yaml:7: services.cart.deploy.replicas: \"many\" is not a number from 0 to 100"),
        problems(
            """
            version: 3
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
    assertEquals(List.of(what), problems(text));
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
