package dev.weir.sidecar.admin;

import dev.weir.protos.Repetitions;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.config.route.RouteAction.Priority;
import dev.weir.sidecar.filter.UpstreamSlot;
import dev.weir.sidecar.metrics.MetricsPage;
import dev.weir.sidecar.profile.Asker;
import dev.weir.sidecar.profile.Threads;
import dev.weir.sidecar.runtime.SocketAddresses;
import dev.weir.sidecar.stats.Histogram;
import dev.weir.sidecar.stats.Stats;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The admin pages by path, in Envoy's forms.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/operations/admin
 */
final class AdminPages implements Pages {
  private static final String HELP =
      """
      admin commands are:
        /                   this page
        /certs              the workload's certificate and the roots it trusts
        /clusters           hosts of each cluster and their state
        /config_dump        the configuration in force
        /drain_listeners    POST: what is under way ends, nothing new is taken; ?inboundonly
        /edges              who calls whom, and what came of it, since it is known
        /healthcheck/fail   POST: it counts as not ready, until POST /healthcheck/ok
        /heap_histogram     POST: what lives on the heap, by class; all of it is collected for that
        /listeners          listeners and where they listen
        /logging            levels of messages; POST ?level=debug, ?dns=debug, ?paths=dns:debug,http:info
        /memory             bytes: heap, direct, resident
        /plaintext          who calls in plain text where mutual TLS is taken too
        /profile            POST: a flight recording, for JDK Mission Control or jfr; ?seconds=30
        /quitquitquit       POST: the sidecar ends, as by SIGTERM
        /ready              LIVE with 200, or 503 with the state
        /reopen_logs        POST: access logs go on in what their paths name now, as after logrotate
        /runtime            layers of the bootstrap; none has an effect
        /server_info        version, state, uptime, node
        /requests           requests of a moment ago: ?id=ID, ?kind=failed, ?path=/a, ?status=5xx, ?limit=N
        /services           the mesh's services, asked of the control plane
        /stats              statistics; ?filter=REGEX, ?usedonly, ?format=prometheus
        /stats/prometheus   what Prometheus reads
        /tap                requests as they end: ?name=WHO, and what /requests takes
        /threads            where each thread is
        /v3/discovery:client_status
                            POST: what was asked for by xDS, and what came; a ClientStatusRequest in
                            JSON. The same by gRPC, for grpcdebug ADDRESS xds status
      """;

  /** Named here, too: of the class that has it, and its messages, nothing is loaded before. */
  private static final String CLIENT_STATUS = "/v3/discovery:client_status";

  private static final int MOST_CLIENT_STATUS_BYTES = 4 << 20;

  private final AdminState state;
  private final MetricsPage metrics;
  private final AdminCommands commands;
  private final ProfilePages profiles = new ProfilePages();

  AdminPages(AdminState state, MetricsPage metrics, AdminActions actions) {
    this.state = state;
    this.metrics = metrics;
    this.commands = new AdminCommands(actions);
  }

  @Override
  public int mostBody(String method, String target) {
    return method.equals("POST") && path(target).equals(CLIENT_STATUS)
        ? MOST_CLIENT_STATUS_BYTES
        : 0;
  }

  private static String path(String target) {
    int question = target.indexOf('?');
    return question < 0 ? target : target.substring(0, question);
  }

  @Override
  public Page page(
      String method, String target, @Nullable String accept, byte[] body, Asker asker) {
    String path = path(target);
    String query = path.length() == target.length() ? "" : target.substring(path.length() + 1);
    if (AdminCommands.PATHS.contains(path)) {
      return commands.run(method, path, query);
    }
    if (path.equals("/logging")) {
      return LoggingPage.page(method, query, state.logs().levels());
    }
    if (path.equals(CLIENT_STATUS)) {
      return waiting(() -> ClientStatusPage.page(method, state, body));
    }
    if (ProfilePages.PATHS.contains(path)) {
      return profiles.page(method, path, query, asker);
    }
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return Page.text(405, "method " + method + " is not for the admin pages; use GET\n");
    }
    return switch (path) {
      case "/", "/help" -> Page.text(HELP);
      case "/ready" -> ready();
      case "/stats" ->
          query.contains("format=prometheus") ? MetricsPages.of(metrics, accept) : stats(query);
      case "/stats/prometheus" -> MetricsPages.of(metrics, accept);
      case "/certs" -> Page.json(CertsPage.json(state.identity(), Instant.now()));
      case "/clusters" -> clusters();
      case "/memory" -> Page.json(MemoryPage.json());
      case "/plaintext" ->
          Page.json(PlainTextPage.json(state.listeners().plainCallers(), Instant.now()));
      case "/edges" -> Page.json(state.edges().json());
      case "/listeners" -> listeners();
      case "/runtime" -> Page.json(RuntimePage.json(state.loaded().proto().getLayeredRuntime()));
      case "/server_info" -> serverInfo();
      case "/services" -> services();
      case "/requests" -> waiting(() -> Page.json(state.requests().requests(query)));
      case "/tap" -> waiting(() -> Page.json(state.requests().tap(query)));
      case "/threads" -> Page.text(Threads.text());
      case "/config_dump" -> waiting(() -> Page.json(ConfigDumpPage.json(state)));
      default -> Page.text(404, "no admin page " + path + "\n" + HELP);
    };
  }

  private Page ready() {
    AdminState.Phase phase = state.phase();
    Optional<String> unproven = state.unproven();
    if (unproven.isPresent() && phase != AdminState.Phase.DRAINING) {
      return unready(AdminState.Phase.INITIALIZING, unproven);
    }
    return switch (phase) {
      case LIVE ->
          state.healthFailed()
              ? unavailable("FAILED: by /healthcheck/fail, until /healthcheck/ok")
              : Page.text(phase + "\n");
      case INITIALIZING -> unready(phase, state.unconfigured());
      case DRAINING -> unready(phase, Optional.empty());
    };
  }

  private static Page unready(AdminState.Phase phase, Optional<String> why) {
    return unavailable(phase + why.map(reason -> ": " + reason).orElse(""));
  }

  private static Page unavailable(String why) {
    return Page.text(503, why + "\n");
  }

  /** One that may have to wait for what it tells. */
  private static Page waiting(Callable<Page> page) {
    try {
      return page.call();
    } catch (TimeoutException e) {
      return unavailable("the configuration is being changed, or the sidecar ends; ask again");
    } catch (IllegalArgumentException e) {
      return Page.text(400, e.getMessage() + "\n");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return unavailable("interrupted");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private Page services() {
    ServiceDirectory directory = state.directory();
    if (directory == null) {
      return unavailable("there is no control plane that could be asked");
    }
    try {
      return Page.json(directory.ask());
    } catch (IOException e) {
      return unavailable(String.valueOf(e.getMessage()));
    }
  }

  private Page stats(String query) {
    java.util.Optional<com.google.re2j.Pattern> filter;
    try {
      filter = parameter(query, "filter").map(AdminPages::expression);
    } catch (com.google.re2j.PatternSyntaxException e) {
      return Page.text(400, "filter: " + e.getMessage() + "\n");
    }
    boolean usedOnly = query.contains("usedonly");
    StringBuilder out = new StringBuilder();
    for (Stats.Reading reading : state.stats().read()) {
      String name = reading.name().text();
      if (filter.isPresent() && !filter.get().matcher(name).find()
          || usedOnly && reading.value() == 0) {
        continue;
      }
      out.append(name).append(": ");
      if (reading.summary().isPresent()) {
        Histogram.Summary summary = reading.summary().get();
        out.append("P50(")
            .append(summary.p50())
            .append(") P90(")
            .append(summary.p90())
            .append(") P99(")
            .append(summary.p99())
            .append(") count ")
            .append(summary.count());
      } else {
        out.append(reading.value());
      }
      out.append('\n');
    }
    if (filter.isEmpty()) {
      out.append("access_log.lines_dropped: ").append(state.droppedLogLines()).append('\n');
      out.append("log.messages_dropped: ").append(state.logs().dropped()).append('\n');
    }
    return Page.text(out.toString());
  }

  private static com.google.re2j.Pattern expression(String text) {
    if (Repetitions.tooMany(text)) {
      throw new com.google.re2j.PatternSyntaxException("repeats a part over 1000 times", text);
    }
    return com.google.re2j.Pattern.compile(text);
  }

  private static java.util.Optional<String> parameter(String query, String name) {
    for (String part : query.split("&", -1)) {
      if (part.startsWith(name + "=")) {
        return java.util.Optional.of(
            java.net.URLDecoder.decode(
                part.substring(name.length() + 1), java.nio.charset.StandardCharsets.UTF_8));
      }
    }
    return java.util.Optional.empty();
  }

  private static String escape(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  private Page clusters() {
    StringBuilder out = new StringBuilder();
    for (LiveCluster cluster : new TreeMap<>(state.clusters().all()).values()) {
      String name = cluster.name() + "::";
      for (Priority priority : Priority.values()) {
        Resources resources = cluster.resources(priority);
        String level =
            name + (priority == Priority.DEFAULT ? "default_priority" : "high_priority") + "::";
        out.append(level)
            .append("max_connections::")
            .append(resources.thresholds().maxConnections())
            .append('\n');
        out.append(level)
            .append("max_pending_requests::")
            .append(resources.thresholds().maxPendingRequests())
            .append('\n');
        out.append(level)
            .append("max_requests::")
            .append(resources.thresholds().maxRequests())
            .append('\n');
        out.append(level)
            .append("max_retries::")
            .append(resources.thresholds().maxRetries())
            .append('\n');
        if (resources.thresholds().trackRemaining()) {
          out.append(level)
              .append("remaining_cx::")
              .append(resources.thresholds().maxConnections() - resources.connections())
              .append('\n');
          out.append(level)
              .append("remaining_pending::")
              .append(resources.thresholds().maxPendingRequests() - resources.pending())
              .append('\n');
          out.append(level)
              .append("remaining_rq::")
              .append(resources.thresholds().maxRequests() - resources.requests())
              .append('\n');
          out.append(level)
              .append("remaining_retries::")
              .append(resources.thresholds().maxRetries() - resources.retries())
              .append('\n');
        }
      }
      List<UpstreamSlot> filters = cluster.upstreamFilters().slots();
      filters.forEach(slot -> print(name, slot.factory().facts(), out));
      for (Host host : cluster.hosts().all()) {
        String prefix = name + host + "::";
        out.append(prefix).append("health_flags::").append(flags(host)).append('\n');
        out.append(prefix).append("weight::").append(host.endpoint().weight()).append('\n');
        out.append(prefix).append("priority::").append(host.endpoint().priority()).append('\n');
        out.append(prefix).append("zone::").append(host.endpoint().zone()).append('\n');
        out.append(prefix).append("rq_active::").append(host.active().get()).append('\n');
        filters.forEach(slot -> print(prefix, slot.factory().facts(host), out));
      }
    }
    return Page.text(out.toString());
  }

  private static void print(String prefix, List<String> facts, StringBuilder out) {
    facts.forEach(fact -> out.append(prefix).append(fact).append('\n'));
  }

  private static String flags(Host host) {
    List<String> flags = new ArrayList<>();
    switch (host.endpoint().health()) {
      case HEALTHY -> {}
      case UNHEALTHY -> flags.add("/failed_eds_health");
      case DRAINING -> flags.add("/eds_status_draining");
      case DEGRADED -> flags.add("/degraded_eds_health");
    }
    if (host.ejected()) {
      flags.add("/failed_outlier_check");
    }
    return flags.isEmpty() ? "healthy" : String.join("", flags);
  }

  private Page listeners() {
    StringBuilder out = new StringBuilder();
    new TreeMap<>(state.listeners().addresses())
        .forEach((name, address) ->
            out.append(name).append("::").append(SocketAddresses.text(address)).append('\n'));
    return Page.text(out.toString());
  }

  private Page serverInfo() {
    String version = AdminPages.class.getPackage().getImplementationVersion();
    long uptime = Duration.between(state.started(), Instant.now()).toSeconds();
    return Page.json(
        "{\"version\":\"weir/"
            + (version == null ? "development" : version)
            + "\",\"state\":\""
            + state.phase()
            + "\",\"uptime_current_epoch\":\""
            + uptime
            + "s\",\"uptime_all_epochs\":\""
            + uptime
            + "s\",\"node\":{\"id\":\""
            + escape(state.loaded().bootstrap().node().id())
            + "\",\"cluster\":\""
            + escape(state.loaded().bootstrap().node().cluster())
            + "\"}}\n");
  }
}
