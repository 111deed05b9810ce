package dev.weir.control.ui;

import dev.weir.cli.story.Sidecars;
import dev.weir.control.ui.looker.Mesh;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A mesh of one sidecar, which has kept one request, and sees it again whenever it is watched. */
final class OneSidecar implements Mesh {
  private static final String REQUEST =
      """
      {"node": {"cluster": "web"}, "missed": 0, "requests": [{"time": "2026-11-29T14:02:11Z",
       "direction": "inbound", "method": "GET", "path": "/a", "status": 503, "duration_ms": 2,
       "cause": "breaker-open", "request_id": "7f", "protocol": "HTTP/1.1"}]}\
      """;

  private final List<String> asked = new CopyOnWriteArrayList<>();

  @Override
  public String name() {
    return "a mesh";
  }

  @Override
  public List<String> pages(String path) throws IOException {
    if (path.startsWith("/api/v1/proxies")) {
      throw new IOException("it is away");
    }
    return List.of("{\"asked\":\"" + path + "\"}");
  }

  @Override
  public Sidecars sidecars(Optional<String> only) {
    return new Sidecars() {
      @Override
      public List<String> names() throws IOException {
        if (only.filter(name -> !name.equals("web-1")).isPresent()) {
          throw new IOException("no instance of " + only.get() + " runs");
        }
        return List.of("web-1");
      }

      @Override
      public String page(String name, String path) {
        asked.add(path);
        return path.contains("id=8") ? "{\"requests\": []}" : REQUEST;
      }
    };
  }

  /** The pages that it was asked for. */
  List<String> asked() {
    return asked;
  }
}
