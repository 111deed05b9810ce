package dev.weir.sidecar.accesslog;

import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.config.listener.AccessLog.Filter;
import dev.weir.sidecar.http.Grpc;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.route.HeaderMatcher;
import dev.weir.sidecar.runtime.Loop;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which streams an access log has, compiled. Event loop of the stream. */
public interface LogFilter {
  boolean passes(StreamInfo info, Loop loop);

  static LogFilter of(Filter config) {
    return switch (config) {
      case Filter.Status(AccessLog.Op op, int value) ->
          (info, loop) -> compare(op, info.status, value);
      case Filter.DurationMillis(AccessLog.Op op, long value) ->
          (info, loop) -> compare(op, (info.endNanos - info.startNanos) / 1_000_000, value);
      case Filter.ResponseFlags(List<String> flags) -> {
        int wanted = bits(flags);
        yield (info, loop) -> (info.flags & wanted) != 0;
      }
      case Filter.Traceable() -> (info, loop) -> info.sampled;
      case Filter.Header header -> {
        HeaderMatcher matcher = new HeaderMatcher(header.match());
        yield (info, loop) -> matcher.matches(head(info));
      }
      case Filter.GrpcStatus(Set<Integer> statuses, boolean exclude) ->
          (info, loop) -> statuses.contains(grpcStatus(info)) != exclude;
      case Filter.Share sampled ->
          (info, loop) ->
              Long.remainderUnsigned(chance(info, loop, sampled.independent()), sampled.outOf())
                  < sampled.share();
      case Filter.And(List<Filter> filters) -> {
        LogFilter[] all = filters.stream().map(LogFilter::of).toArray(LogFilter[]::new);
        yield (info, loop) -> !any(all, info, loop, false);
      }
      case Filter.Or(List<Filter> filters) -> {
        LogFilter[] all = filters.stream().map(LogFilter::of).toArray(LogFilter[]::new);
        yield (info, loop) -> any(all, info, loop, true);
      }
    };
  }

  /** One of them says so. */
  private static boolean any(LogFilter[] filters, StreamInfo info, Loop loop, boolean passes) {
    for (LogFilter filter : filters) {
      if (filter.passes(info, loop) == passes) {
        return true;
      }
    }
    return false;
  }

  private static int bits(List<String> flags) {
    int bits = 0;
    for (ResponseFlag flag : ResponseFlag.values()) {
      bits |= flags.isEmpty() || flags.contains(flag.toString()) ? flag.bit() : 0;
    }
    return bits;
  }

  private static boolean compare(AccessLog.Op op, long actual, long value) {
    return switch (op) {
      case EQ -> actual == value;
      case GE -> actual >= value;
      case LE -> actual <= value;
      case NE -> actual != value;
    };
  }

  private static Headers head(StreamInfo info) {
    Headers head = info.request;
    return head == null ? Headers.empty() : head;
  }

  /** As Envoy, of what says none by the status of HTTP. */
  private static int grpcStatus(StreamInfo info) {
    int said = Grpc.status(info.response, info.trailers);
    if (said == Grpc.UNSAID) {
      return Grpc.ofHttp(info.status);
    }
    return said == Grpc.NO_STATUS ? Grpc.UNKNOWN : said;
  }

  /** The same for a request wherever it is logged: by the first digits of its id. */
  private static long chance(StreamInfo info, Loop loop, boolean independent) {
    Headers head = info.request;
    String id = independent || head == null ? null : head.value(HeaderName.X_REQUEST_ID);
    Long known = id == null ? null : number(id);
    return known == null ? loop.random().nextLong() : known;
  }

  private static @Nullable Long number(String id) {
    int digits = 8;
    if (id.length() < digits) {
      return null;
    }
    long number = 0;
    for (int i = 0; i < digits; i++) {
      int digit = Character.digit(id.charAt(i), 16);
      if (digit < 0) {
        return null;
      }
      number = number * 16 + digit;
    }
    return number;
  }
}
