package dev.weir.sidecar.filter;

import dev.weir.sidecar.http.BodyParts;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.runtime.Incidents;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Leads the parts of one stream past its filters, and holds back what a filter has paused. Requests
 * pass forwards, to the terminal filter or the codec behind the last one; responses backwards.
 *
 * <p>Each direction is a state of its own: it runs, it is paused at one filter with one part and a
 * queue behind that, or it is closed. A direction is closed by a local reply and by {@link
 * #destroy}: what comes then is dropped, and no filter hears of it. Event loop of the stream.
 */
public final class FilterChain {
  /** What lies at the two ends of a chain. */
  public interface Ends {
    /** The request's head has passed all filters. */
    void requestPassed(Headers headers, boolean endStream);

    /** Takes {@code data} over. */
    void requestDataPassed(ByteBuf data, boolean endStream);

    void requestTrailersPassed(Headers trailers);

    void informationalPassed(Headers headers);

    /** The response's head has passed all filters. */
    void responsePassed(Headers headers, boolean endStream);

    /** Takes {@code data} over. */
    void responseDataPassed(ByteBuf data, boolean endStream);

    void responseTrailersPassed(Headers trailers);

    /** A filter answers; the direction it was asked in takes nothing more. */
    void localReply(Verdict.LocalReply reply);

    /** A message that a filter collects is over its limit; its direction takes nothing more. */
    void tooLarge(boolean request);

    /** What waits of the request is over the watermark, or is so no longer. */
    void requestFull(boolean full);

    /** Likewise of the response. */
    void responseFull(boolean full);
  }

  private static final HttpFilter[] NONE = new HttpFilter[0];

  private final Ends ends;
  private final int bufferLimit;
  private final Incidents incidents;
  private HttpFilter[] filters = NONE;
  private final Direction request = new Direction(true);
  private final Direction response = new Direction(false);
  private boolean responseBegun;
  private boolean destroyed;

  /**
   * @param bufferLimit bytes that may wait in each direction before the watermark
   */
  public FilterChain(Ends ends, int bufferLimit, Incidents incidents) {
    this.ends = ends;
    this.bufferLimit = bufferLimit;
    this.incidents = incidents;
  }

  /** The filters in the order of the request; before any part. The array is not to be changed. */
  public void start(HttpFilter[] made) {
    filters = made;
  }

  public void requestHeaders(Headers headers, boolean end) {
    request.headers(headers, end);
  }

  /** Takes {@code data} over. */
  public void requestData(ByteBuf data, boolean end) {
    request.data(data, end);
  }

  public void requestTrailers(Headers trailers) {
    request.trailers(trailers);
  }

  /** A 1xx response; it is passed on whatever the filters make of it. */
  public void informational(Headers headers) {
    for (int i = filters.length - 1; i >= 0 && !response.closed; i--) {
      filters[i].informational(headers);
    }
    if (!response.closed) {
      ends.informationalPassed(headers);
    }
  }

  public void responseHeaders(Headers headers, boolean end) {
    responseBegun = true;
    response.headers(headers, end);
  }

  /** Takes {@code data} over. */
  public void responseData(ByteBuf data, boolean end) {
    response.data(data, end);
  }

  public void responseTrailers(Headers trailers) {
    response.trailers(trailers);
  }

  public void resumeRequest() {
    request.resume();
  }

  public void resumeResponse() {
    response.resume();
  }

  public boolean requestFull() {
    return request.full;
  }

  public boolean responseFull() {
    return response.full;
  }

  /**
   * The filters have seen a response, so that one in its place has to go past them: they would take
   * it for a part of the first.
   */
  public boolean responseBegun() {
    return responseBegun;
  }

  /** A local reply takes the place of all that is on its way; no filter sees more of that. */
  public void replace() {
    request.close();
    response.drop();
    response.closed = responseBegun;
  }

  /** Tells each filter that the stream is over, once. */
  public void destroy() {
    if (destroyed) {
      return;
    }
    destroyed = true;
    request.close();
    response.close();
    for (HttpFilter filter : filters) {
      try {
        filter.destroy();
      } catch (Throwable mistake) {
        incidents.report("the end of a filter", mistake); // the others are told all the same
      }
    }
  }

  /** One way through the filters: forwards for the request, backwards for the response. */
  private final class Direction {
    private final boolean forwards;
    private int pausedAt = -1;
    private long limit;
    private boolean collecting;
    private Verdict.@Nullable Gather gathering;
    private boolean asking;
    private boolean resumedEarly;
    private boolean closed;
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
      if (!closed) {
        headersFrom(0, headers, end);
      }
    }

    private void headersFrom(int first, Headers headers, boolean end) {
      for (int step = first; step < filters.length; step++) {
        HttpFilter filter = filter(step);
        asking = true;
        Verdict verdict =
            forwards ? filter.requestHeaders(headers, end) : filter.responseHeaders(headers, end);
        if (stops(verdict, step)) {
          if (pausedAt >= 0) {
            pausedHeaders = headers;
            pausedEnd = end;
            held();
          }
          return;
        }
      }
      if (forwards) {
        ends.requestPassed(headers, end);
      } else {
        ends.responsePassed(headers, end);
      }
    }

    /** Takes {@code data} over. */
    void data(ByteBuf data, boolean end) {
      if (closed) {
        data.release();
      } else if (pausedAt >= 0) {
        queue(data, end);
      } else {
        dataFrom(0, data, end);
      }
    }

    private void dataFrom(int first, ByteBuf data, boolean end) {
      for (int step = first; step < filters.length; step++) {
        Verdict verdict = dataVerdict(filter(step), data, end);
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
      }
      if (forwards) {
        ends.requestDataPassed(data, end);
      } else {
        ends.responseDataPassed(data, end);
      }
    }

    private Verdict dataVerdict(HttpFilter filter, ByteBuf data, boolean end) {
      asking = true;
      try {
        return forwards ? filter.requestData(data, end) : filter.responseData(data, end);
      } catch (Throwable mistake) {
        data.release(); // nobody else will
        throw mistake;
      }
    }

    void trailers(Headers trailers) {
      if (closed) {
        return;
      }
      if (pausedAt >= 0) {
        waitingTrailers = trailers;
        held();
      } else {
        trailersFrom(0, trailers);
      }
    }

    private void trailersFrom(int first, Headers trailers) {
      for (int step = first; step < filters.length; step++) {
        HttpFilter filter = filter(step);
        asking = true;
        Verdict verdict =
            forwards ? filter.requestTrailers(trailers) : filter.responseTrailers(trailers);
        if (stops(verdict, step)) {
          if (pausedAt >= 0) {
            pausedTrailers = trailers;
            pausedEnd = true;
            held();
          }
          return;
        }
      }
      if (forwards) {
        ends.requestTrailersPassed(trailers);
      } else {
        ends.responseTrailersPassed(trailers);
      }
    }

    /** True: the part goes no further for now, or at all. */
    private boolean stops(Verdict verdict, int step) {
      asking = false;
      boolean resumed = resumedEarly;
      resumedEarly = false;
      if (closed) {
        return true;
      }
      if (verdict == Verdict.CONTINUE) {
        return false;
      }
      return switch (verdict) {
        case Verdict.Continue() -> false;
        case Verdict.Pause() -> {
          if (!resumed) {
            pausedAt = step;
            limit = bufferLimit;
          }
          yield !resumed;
        }
        case Verdict.Collect(long most) -> {
          pausedAt = step;
          limit = most;
          collecting = true;
          yield true;
        }
        case Verdict.Gather gather -> {
          pausedAt = step;
          gathering = gather;
          yield true;
        }
        case Verdict.LocalReply reply -> {
          close();
          ends.localReply(reply);
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
      Verdict.Gather gather = gathering;
      if (gather != null) {
        gather(gather, bytes);
        return;
      }
      if (!collecting) {
        full(bytes > limit);
        return;
      }
      full(false);
      if (bytes > limit) {
        close();
        ends.tooLarge(forwards);
      } else if (ended()) {
        collected(bytes);
      }
    }

    private boolean ended() {
      return pausedEnd || waitingEnd || waitingTrailers != null;
    }

    /** Shows the filter its body, once what it wants of it is here. */
    private void gather(Verdict.Gather wanted, long bytes) {
      full(false);
      if (bytes > wanted.most() && !wanted.partial()) {
        close();
        ends.tooLarge(forwards);
        return;
      }
      if (!ended() && (bytes < wanted.most() || !wanted.partial())) {
        return;
      }
      int step = pausedAt;
      pausedAt = -1;
      gathering = null;
      asking = true;
      boolean whole = ended() && bytes <= wanted.most();
      Verdict verdict =
          filter(step).requestGathered(waiting == null ? new BodyParts() : waiting, whole);
      if (stops(verdict, step)) {
        if (pausedAt >= 0) {
          held();
        }
        return;
      }
      pausedAt = step;
      resume();
    }

    /** Stops or lets go on what fills this side of the chain. */
    private void full(boolean now) {
      if (full == now) {
        return;
      }
      full = now;
      if (forwards) {
        ends.requestFull(now);
      } else {
        ends.responseFull(now);
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
      if (asking) {
        resumedEarly = true;
        return;
      }
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
      return pausedAt < 0 && !closed;
    }

    /** Takes nothing more. */
    void close() {
      closed = true;
      drop();
    }

    void drop() {
      pausedAt = -1;
      collecting = false;
      gathering = null;
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
