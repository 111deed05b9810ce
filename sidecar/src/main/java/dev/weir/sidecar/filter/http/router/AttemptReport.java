package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.filter.AttemptEnd;
import dev.weir.sidecar.filter.AttemptEnd.Result;
import dev.weir.sidecar.filter.UpstreamFilter;
import dev.weir.sidecar.http.Grpc;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.runtime.Clock;

/**
 * What one attempt says of its host, to outlier detection and to the filters of its cluster: given
 * once, and not before it is known. A response that began well has failed if its trailers say so,
 * or if it is cut.
 */
final class AttemptReport {
  private final LiveCluster cluster;
  private final Host host;
  private final UpstreamFilter[] filters;
  private final Clock clock;
  private long owedSince;
  private boolean owed;

  /** How long the head took; negative: it has not come. */
  private long headNanos = -1;

  private boolean given;

  /** Outlier detection waits for the trailers: it is a call of gRPC. */
  private boolean statusPending;

  AttemptReport(LiveCluster cluster, Host host, UpstreamFilter[] filters, Clock clock) {
    this.cluster = cluster;
    this.host = host;
    this.filters = filters;
    this.clock = clock;
  }

  /** All of the request is here: from now on an answer is owed. */
  void owed(long now) {
    owed = true;
    owedSince = now;
  }

  /** The response's head. */
  void head(Headers headers, PeerCause peer, boolean end) {
    headNanos = sinceOwed();
    switch (peer.kind()) {
      case REFUSAL, FULL -> give(Result.NOTHING);
      case FAILURE -> {
        cluster.reportFailure(host);
        give(Result.FAILURE);
      }
      case NONE -> {
        boolean known = end || headers.has(HeaderName.GRPC_STATUS) || headers.status() >= 500;
        if (known) {
          cluster.reportResponse(host, GrpcStatus.toHttp(headers));
          give(
              headers.status() >= 500 || GrpcStatus.failed(headers)
                  ? Result.FAILURE
                  : Result.SUCCESS);
        } else if (Grpc.is(headers)) {
          statusPending = true;
        } else {
          cluster.reportResponse(host, headers.status());
        }
      }
    }
  }

  void trailers(Headers trailers) {
    if (statusPending) {
      boolean said = trailers.has(HeaderName.GRPC_STATUS);
      cluster.reportResponse(host, said ? GrpcStatus.toHttp(trailers) : 200);
    }
    give(GrpcStatus.failed(trailers) ? Result.FAILURE : Result.SUCCESS);
  }

  /** The response has ended without trailers. */
  void end() {
    if (statusPending) {
      cluster.reportResponse(host, 200);
    }
    give(Result.SUCCESS);
  }

  /** No response, or not all of one, and not by our own doing. */
  void failed() {
    if (!given) {
      cluster.reportFailure(host);
    }
    give(Result.FAILURE);
  }

  /** Nobody waits for it any longer. After its head how it went is not known. */
  void givenUp() {
    if (owed && headNanos < 0) {
      give(Result.GIVEN_UP);
    }
  }

  private long sinceOwed() {
    return owed ? clock.nanoTime() - owedSince : 0;
  }

  private void give(Result result) {
    statusPending = false;
    if (given) {
      return;
    }
    given = true;
    if (filters.length == 0) {
      return;
    }
    AttemptEnd end = new AttemptEnd(result, headNanos < 0 ? sinceOwed() : headNanos);
    for (UpstreamFilter filter : filters) {
      filter.ended(end);
    }
  }
}
