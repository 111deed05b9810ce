package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What {@code x-request-id}, {@code x-forwarded-for} and {@code server} say, and who decides. */
class RequestIdTest {
  private static final String UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-.*";

  /** The request as it reaches the app, and the response as it reaches the client. */
  private record Exchange(String request, RawClient.Response response) {}

  private static Exchange exchange(String manager, String fields, String answer) throws Exception {
    try (TestUpstream app =
            TestUpstream.start((request, out) -> {
              TestUpstream.write(out, "HTTP/1.1 200 OK\r\n" + answer + "Content-Length: 0\r\n\r\n");
              return true;
            });
        TestSidecar sidecar =
            TestSidecar.start(
                TestConfig.to(app)
                    .yaml()
                    .replaceFirst(
                        "( +)generate_request_id: false", manager.indent(10).stripTrailing()),
                1);
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response response =
          client.send("GET / HTTP/1.1\r\nHost: app\r\n" + fields + "\r\n").read(false);
      return new Exchange(app.next().head().toLowerCase(Locale.ROOT), response);
    }
  }

  private static String requestId(String head) {
    return head.lines()
        .filter(line -> line.startsWith("x-request-id: "))
        .map(line -> line.substring("x-request-id: ".length()))
        .findFirst()
        .orElse("");
  }

  @Test
  void aRequestWithoutAnIdGetsOneUnlessNoneIsWanted() throws Exception {
    assertTrue(requestId(exchange("", "", "").request).matches(UUID));
    assertEquals("", requestId(exchange("generate_request_id: false", "", "").request));
  }

  @Test
  void theIdIsToldToTheClientWhereItIsWanted() throws Exception {
    Exchange told = exchange("always_set_request_id_in_response: true", "", "");
    assertEquals(requestId(told.request), told.response.field("x-request-id"));
    assertEquals("", exchange("", "", "").response.field("x-request-id"));
  }

  @Test
  void theCallersAddressIsAddedUnlessItIsToBeLeftOut() throws Exception {
    String remote = "use_remote_address: true";
    assertTrue(exchange(remote, "", "").request.contains("x-forwarded-for: 127.0.0.1\r\n"));
    assertFalse(
        exchange(remote + "\nskip_xff_append: true", "", "").request.contains("x-forwarded-for"));
  }

  /** As the control plane has it for the app that is called. */
  @Test
  void theCallersAddressComesBehindThoseBeforeItInOneLine() throws Exception {
    String added =
        "route_config:\n  request_headers_to_add: [{header: {key: x-forwarded-for, value:"
            + " \"%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%\"}}]\n";
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar =
            TestSidecar.start(
                TestConfig.to(app).yaml().replaceFirst("( +)route_config:\n", added.indent(10)),
                1);
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n").read(false);
      assertEquals("192.0.2.1,127.0.0.1", app.next().field("x-forwarded-for"));
      client.get("/");
      assertEquals("127.0.0.1", app.next().field("x-forwarded-for"));
    }
  }

  @Test
  void theServersNameIsTheConfiguredOne() throws Exception {
    Exchange named = exchange("server_name: weir", "", "Server: nginx\r\n");
    assertEquals("weir", named.response.field("server"));
  }
}
