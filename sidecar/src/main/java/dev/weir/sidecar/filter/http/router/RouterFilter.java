package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.route.RouteEntry;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of a request by its route: an answer, a redirect, or a {@link Forwarding} to
 * a cluster.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/http/http_filters/router_filter
 */
final class RouterFilter implements TerminalFilter {
  private final TerminalContext context;
  private final RouterParts parts;
  private @Nullable Forwarding forwarding;

  RouterFilter(TerminalContext context, RouterParts parts) {
    this.context = context;
    this.parts = parts;
  }

  @Override
  public void requestHeaders(Headers headers, boolean endStream) {
    RouteEntry entry = context.route();
    RouteEntry.Choice choice = context.choice();
    if (entry == null || choice == null) {
      refuse(404, "route_not_found", ResponseFlag.NO_ROUTE, Cause.of("no-route"));
      return;
    }
    switch (entry.action()) {
      case RouteAction.DirectResponse(int status, String text) -> respond(status, text, null);
      case RouteAction.Redirect redirect -> {
        String location = entry.location(redirect, headers);
        if (location == null) {
          context.localReply(noPath());
          return;
        }
        Headers extra = Headers.empty();
        extra.add(HeaderName.LOCATION, location);
        respond(redirect.status(), "", extra);
      }
      case RouteAction.Forward forward -> {
        LiveCluster cluster = parts.clusters().get(choice.cluster());
        if (cluster == null) {
          refuse(
              forward.clusterNotFoundStatus(),
              "cluster_not_found",
              ResponseFlag.NO_CLUSTER,
              Cause.of("no-cluster"));
          return;
        }
        Forwarding made =
            new Forwarding(context, parts, entry, choice, forward, cluster, headers, endStream);
        forwarding = made;
        made.begin();
      }
    }
  }

  private void respond(int status, String text, @Nullable Headers extra) {
    context.localReply(new Verdict.LocalReply(status, text, "direct_response", null, null, extra));
  }

  /**
   * A regular expression has made of a path what is none; the route's mistake, not the client's.
   */
  static Verdict.LocalReply noPath() {
    return Verdict.LocalReply.of(
        500, "the route's rewrite leaves no path", "rewrite_failed", Cause.of("rewrite-failed"));
  }

  private void refuse(int status, String details, ResponseFlag flag, Cause cause) {
    context.localReply(new Verdict.LocalReply(status, "", details, flag, cause, null));
  }

  @Override
  public void requestData(ByteBuf data, boolean endStream) {
    if (forwarding == null) {
      data.release();
    } else {
      forwarding.requestData(data, endStream);
    }
  }

  @Override
  public void requestTrailers(Headers trailers) {
    if (forwarding != null) {
      forwarding.requestTrailers(trailers);
    }
  }

  @Override
  public void downstreamWritable(boolean writable) {
    if (forwarding != null) {
      forwarding.downstreamWritable(writable);
    }
  }

  @Override
  public void destroy() {
    if (forwarding != null) {
      forwarding.destroy();
    }
  }
}
