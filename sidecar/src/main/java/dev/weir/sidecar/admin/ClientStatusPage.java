package dev.weir.sidecar.admin;

import dev.weir.protos.Problem;
import dev.weir.protos.convert.Converted;
import dev.weir.protos.convert.ProtoReader;
import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.yaml.Json;
import dev.weir.protos.yaml.JsonWriter;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.admin.Pages.Page;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * {@code POST /v3/discovery:client_status}: the client status discovery service in JSON, as its
 * proto's {@code google.api.http} has it. No body asks for all.
 */
final class ClientStatusPage {
  private ClientStatusPage() {}

  static Page page(String method, AdminState state, byte[] body) throws InterruptedException {
    if (!method.equals("POST")) {
      return Page.text(405, "it is asked by POST, with a ClientStatusRequest in JSON\n");
    }
    try {
      return Page.json(
          JsonWriter.write(ProtoWriter.write(new ClientStatus(state).answer(request(body)))));
    } catch (GrpcRefusal e) {
      return new Page(
          e.status() == GrpcRefusal.INVALID_ARGUMENT ? 400 : 503,
          "application/json",
          new Pages.Text(Json.print(Map.of("code", e.status(), "message", e.message()))));
    }
  }

  private static ClientStatusRequest request(byte[] body) throws GrpcRefusal {
    YamlFile file = YamlReader.read("body", new String(body, StandardCharsets.UTF_8));
    check(file.problems());
    if (file.documents().isEmpty()) {
      return ClientStatusRequest.getDefaultInstance();
    }
    if (file.documents().size() > 1) {
      throw invalid("the body is more than one object");
    }
    Converted<ClientStatusRequest> converted =
        ProtoReader.read(file.documents().getFirst(), ClientStatusRequest.getDefaultInstance());
    check(converted.problems());
    return converted.message();
  }

  private static void check(List<Problem> problems) throws GrpcRefusal {
    if (!problems.isEmpty()) {
      throw invalid(problems.getFirst().toString());
    }
  }

  private static GrpcRefusal invalid(String why) {
    return new GrpcRefusal(GrpcRefusal.INVALID_ARGUMENT, why);
  }
}
