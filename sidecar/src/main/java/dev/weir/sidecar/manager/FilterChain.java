package dev.weir.sidecar.manager;

import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.BodyParts;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.route.RouteEntry;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Leads the parts of one stream past its filters, and holds back what a filter has paused. */
final class FilterChain {
  private static final HttpFilter[] NONE = new HttpFilter[0];

  private final ActiveStream stream;
  private final List<HttpChain.FilterSlot> slots;
  private final TerminalFilter router;
  private final int bufferLimit;
  private HttpFilter[] filters = NONE;
  private final Direction request = new Direction(true);
  private final Direction response = new Direction(false);
  private boolean destroyed;

  FilterChain(
      ActiveStream stream,
      List<HttpChain.FilterSlot> slots,
      TerminalFilter router,
      int bufferLimit) {
    this.stream = stream;
    this.slots = slots;
    this.router = router;
    this.bufferLimit = bufferLimit;
  }

  /** Makes the filters that concern a stream of this route. */
  void start(@Nullable RouteEntry route) {
    if (slots.isEmpty()) {
      return;
    }
    HttpFilter[] made = new HttpFilter[slots.size()];
    int count = 0;
    for (int i = 0; i < slots.size(); i++) {
      HttpChain.FilterSlot slot = slots.get(i);
      Object routeConfig = route == null ? null : route.filterConfig(i);
      boolean disabled =
          route != null && route.filterDisabled(i) || slot.disabled() && routeConfig == null;
      HttpFilter filter = disabled ? null : slot.factory().create(stream, routeConfig);
      if (filter != null) {
        made[count++] = filter;
      }
    }
    filters = count == made.length ? made : java.util.Arrays.copyOf(made, count);
  }

  void requestHeaders(Headers headers, boolean end) {
    request.headers(headers, end);
  }

  void requestData(ByteBuf data, boolean end) {
    request.data(data, end);
  }

  void requestTrailers(Headers trailers) {
    request.trailers(trailers);
  }

  void responseHeaders(Headers headers, boolean end) {
    response.headers(headers, end);
  }

  void responseData(ByteBuf data, boolean end) {
    response.data(data, end);
  }

  void responseTrailers(Headers trailers) {
    response.trailers(trailers);
  }

  void resumeRequest() {
    request.resume();
  }

  void resumeResponse() {
    response.resume();
  }

  boolean responseFull() {
    return response.full;
  }

  boolean requestFull() {
    return request.full;
  }

  /** Drops a response that was on its way, for a local reply in its place. */
  void dropResponse() {
    response.drop();
  }

  void destroy() {
    if (destroyed) {
      return;
    }
    destroyed = true;
    request.drop();
    response.drop();
    for (HttpFilter filter : filters) {
      filter.destroy();
    }
  }

  /** One way through the filters: forwards for the request, backwards for the response. */
  private final class Direction {
    private final boolean forwards;
    private int pausedAt = -1;
    private long limit;
    private boolean collecting;
    private @Nullable Headers pausedHeaders;
    private @Nullable ByteBuf pausedData;
    private @Nullable Headers pausedTrailers;
    private boolean pausedEnd;
    private @Nullable BodyParts waiting;
    private @Nullable Headers waitingTrailers;
    private boolean waitingEnd;
    private boolean full;

    Direction(boolean forwards) {
      this.forwards = forwards;
    }

    private HttpFilter filter(int step) {
      return filters[forwards ? step : filters.length - 1 - step];
    }

    void headers(Headers headers, boolean end) {
      headersFrom(0, headers, end);
    }

    private void headersFrom(int first, Headers headers, boolean end) {
      for (int step = first; step < filters.length; step++) {
        Verdict verdict =
            forwards
                ? filter(step).requestHeaders(headers, end)
                : filter(step).responseHeaders(headers, end);
        if (verdict == Verdict.CONTINUE) {
          continue;
        }
        if (stops(verdict, step)) {
          if (pausedAt >= 0) {
            pausedHeaders = headers;
            pausedEnd = end;
            held();
          }
          return;
        }
        if (stream.finished()) {
          return;
        }
      }
      if (forwards) {
        router.requestHeaders(headers, end);
      } else {
        stream.encodeHeaders(headers, end);
      }
    }

    /** Takes {@code data} over. */
    void data(ByteBuf data, boolean end) {
      if (pausedAt >= 0) {
        queue(data, end);
      } else {
        dataFrom(0, data, end);
      }
    }

    private void dataFrom(int first, ByteBuf data, boolean end) {
      for (int step = first; step < filters.length; step++) {
        Verdict verdict =
            forwards ? filter(step).requestData(data, end) : filter(step).responseData(data, end);
        if (verdict == Verdict.CONTINUE) {
          continue;
        }
        if (stops(verdict, step)) {
          if (pausedAt >= 0) {
            pausedData = data;
            pausedEnd = end;
            held();
          } else {
            data.release();
          }
          return;
        }
        if (stream.finished()) {
          data.release();
          return;
        }
      }
      if (forwards) {
        router.requestData(data, end);
      } else {
        stream.encodeData(data, end);
      }
    }

    void trailers(Headers trailers) {
      if (pausedAt >= 0) {
        waitingTrailers = trailers;
        held();
      } else {
        trailersFrom(0, trailers);
      }
    }

    private void trailersFrom(int first, Headers trailers) {
      for (int step = first; step < filters.length; step++) {
        Verdict verdict =
            forwards
                ? filter(step).requestTrailers(trailers)
                : filter(step).responseTrailers(trailers);
        if (verdict != Verdict.CONTINUE && stops(verdict, step)) {
          if (pausedAt >= 0) {
            pausedTrailers = trailers;
            pausedEnd = true;
            held();
          }
          return;
        }
        if (stream.finished()) {
          return;
        }
      }
      if (forwards) {
        router.requestTrailers(trailers);
      } else {
        stream.encodeTrailers(trailers);
      }
    }

    /** True: the part goes no further for now, or at all. */
    private boolean stops(Verdict verdict, int step) {
      return switch (verdict) {
        case Verdict.Continue() -> false;
        case Verdict.Pause() -> {
          pausedAt = step;
          limit = bufferLimit;
          yield true;
        }
        case Verdict.Collect(long most) -> {
          pausedAt = step;
          limit = most;
          collecting = true;
          yield true;
        }
        case Verdict.LocalReply reply -> {
          if (!forwards) {
            router.destroy();
            drop();
          }
          stream.localReply(reply);
          yield true;
        }
      };
    }

    private void queue(ByteBuf data, boolean end) {
      BodyParts queue = waiting;
      if (queue == null) {
        queue = new BodyParts();
        waiting = queue;
      }
      queue.add(data);
      data.release();
      waitingEnd |= end;
      held();
    }

    /** Sees what there is to do, now that something waits. */
    private void held() {
      long bytes = pausedData == null ? 0 : pausedData.readableBytes();
      if (waiting != null) {
        bytes += waiting.size();
      }
      if (!collecting) {
        full(bytes > limit);
        return;
      }
      full(false);
      if (bytes > limit) {
        drop();
        stream.tooLarge(forwards);
      } else if (pausedEnd || waitingEnd || waitingTrailers != null) {
        collected(bytes);
      }
    }

    /** Stops or lets go on what fills this side of the chain. */
    private void full(boolean now) {
      if (full == now) {
        return;
      }
      full = now;
      if (forwards) {
        stream.chainFull(now);
      } else {
        router.downstreamWritable(!now && stream.downstreamWritable());
      }
    }

    /** The message has ended, and all of it is here. */
    private void collected(long bytes) {
      Headers headers = pausedHeaders;
      if (headers != null && waitingTrailers == null && !headers.has(HeaderName.CONTENT_LENGTH)) {
        headers.add(HeaderName.CONTENT_LENGTH, bytes);
      }
      resume();
    }

    void resume() {
      if (pausedAt < 0) {
        return;
      }
      int next = pausedAt + 1;
      pausedAt = -1;
      collecting = false;
      Headers headers = pausedHeaders;
      ByteBuf data = pausedData;
      Headers trailers = pausedTrailers;
      pausedHeaders = null;
      pausedData = null;
      pausedTrailers = null;
      if (headers != null) {
        headersFrom(next, headers, pausedEnd);
      } else if (data != null) {
        dataFrom(next, data, pausedEnd);
      } else if (trailers != null) {
        trailersFrom(next, trailers);
      }
      BodyParts queue = waiting;
      while (going() && queue != null && !queue.isEmpty()) {
        ByteBuf part = Objects.requireNonNull(queue.poll());
        dataFrom(0, part, waitingEnd && queue.isEmpty() && waitingTrailers == null);
      }
      Headers last = waitingTrailers;
      if (going() && last != null) {
        waitingTrailers = null;
        trailersFrom(0, last);
      }
      if (going()) {
        full(false);
      }
    }

    private boolean going() {
      return pausedAt < 0 && !stream.finished();
    }

    void drop() {
      pausedAt = -1;
      collecting = false;
      pausedHeaders = null;
      ByteBuf data = pausedData;
      if (data != null) {
        pausedData = null;
        data.release();
      }
      if (waiting != null) {
        waiting.release();
      }
      waitingTrailers = null;
      pausedTrailers = null;
    }
  }
}
