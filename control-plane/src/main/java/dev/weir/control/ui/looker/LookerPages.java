package dev.weir.control.ui.looker;

import dev.weir.cli.story.Requests;
import dev.weir.control.json.JsonText;
import dev.weir.control.ui.Page;
import dev.weir.control.ui.Query;
import dev.weir.control.ui.Ui;
import dev.weir.control.ui.Watch;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The pages of the API that {@code weir ui} answers. */
final class LookerPages implements Watch {
  private static final int MOST_FAILURES = 100;

  /** Those that the control plane answers. */
  private static final List<String> OF_CONTROL_PLANE =
      List.of(Ui.TOPOLOGY, "service", "policies", "policy", "proxies", "findings", "events");

  private final Mesh mesh;

  LookerPages(Mesh mesh) {
    this.mesh = mesh;
  }

  /** By name. */
  Map<String, Page> pages() {
    Map<String, Page> pages = new HashMap<>();
    for (String name : OF_CONTROL_PLANE) {
      pages.put(
          name,
          query ->
              Merged.of(
                  name,
                  mesh.pages(
                      "/api/v1/" + name + (query.raw().isEmpty() ? "" : "?" + query.raw()))));
    }
    pages.put("about", query -> JsonText.compact(Map.of("requests", true, "mesh", mesh.name())));
    pages.put("requests", this::requests);
    pages.put("explain", this::explain);
    return pages;
  }

  private String requests(Query query) throws IOException {
    Requests.Found found = new Requests(mesh.sidecars(Optional.empty())).failed(MOST_FAILURES);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("requests", found.requests());
    fields.put("silent", found.silent());
    return JsonText.compact(fields);
  }

  private String explain(Query query) throws Page.NotThere, Query.Wrong, IOException {
    String id = query.required("id");
    return JsonText.compact(
        new Requests(mesh.sidecars(Optional.empty()))
            .story(id)
            .orElseThrow(() -> new Page.NotThere(Requests.notKept(id))));
  }

  @Override
  public Look begin(Query query) throws Query.Wrong, IOException {
    try {
      Requests.Watching watching =
          new Requests(mesh.sidecars(query.text("sidecar"))).watch(query.parameters());
      return () -> watching.next().stream().map(JsonText::compact).toList();
    } catch (IllegalArgumentException e) {
      throw new Query.Wrong(String.valueOf(e.getMessage()));
    }
  }
}
