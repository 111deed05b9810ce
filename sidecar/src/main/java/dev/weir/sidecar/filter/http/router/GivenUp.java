package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.http.Grpc;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Whether there were several attempts, or the budget for them was spent, so that the callers need
 * not try the whole again; and how they are told: {@code x-weir-retry: stop}, for gRPC a pushback
 * of -1 as well (https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback).
 */
final class GivenUp {
  private static final String STOP = "stop";
  private static final String NO_RETRY = "-1";

  private final TerminalContext context;
  private final RetryStops stops;
  private boolean given;

  GivenUp(TerminalContext context, RetryStops stops) {
    this.context = context;
    this.stops = stops;
  }

  /** Holds until an attempt succeeds: then nobody is told. */
  void set() {
    given = true;
  }

  /** Who is nearer to the failure has tried already, and says so. */
  static boolean isSaid(Headers response) {
    return STOP.equals(response.value(HeaderName.X_WEIR_RETRY))
        || NO_RETRY.equals(response.value(HeaderName.GRPC_RETRY_PUSHBACK_MS));
  }

  /** Tells the caller in a response that is no success, if there is something to tell. */
  void tellIn(Headers response) {
    boolean grpc = GrpcStatus.failed(response);
    if ((response.status() >= 500 || grpc) && (given || givenUpBehindTheApp())) {
      say(response, grpc);
    }
  }

  /** The fields that tell it in a reply of our own; null for none. */
  @Nullable Headers fields(Headers request) {
    if (!given) {
      return null;
    }
    Headers fields = Headers.empty();
    say(fields, Grpc.is(request));
    return fields;
  }

  /** In the same trace, a call of the app beside us was given up by us. */
  private boolean givenUpBehindTheApp() {
    return context.connection().direction() == TrafficDirection.INBOUND
        && stops.hasGivenUp(context.info().traceId);
  }

  private void say(Headers fields, boolean grpc) {
    fields.set(HeaderName.X_WEIR_RETRY, STOP);
    if (grpc) {
      fields.set(HeaderName.GRPC_RETRY_PUSHBACK_MS, NO_RETRY);
    }
    stops.gaveUp(context.info().traceId);
  }
}
