package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.http.Headers;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The copies of one request that its route sends elsewhere as well, {@code
 * request_mirror_policies}. What becomes of them changes nothing for the request. Event loop of the
 * stream.
 */
final class Mirrors {
  private final List<Mirror> copies;

  private Mirrors(List<Mirror> copies) {
    this.copies = copies;
  }

  /**
   * Begins those that fall under their fraction; null for none.
   *
   * @param request as it goes upstream
   */
  static @Nullable Mirrors start(
      TerminalContext context,
      RouterParts parts,
      RouteAction.Forward forward,
      Headers request,
      boolean endStream) {
    @Nullable List<Mirror> copies = null;
    for (RouteAction.Mirror policy : forward.mirrors()) {
      if (context.loop().random().nextInt(1_000_000) >= policy.perMillion()) {
        continue;
      }
      Mirror copy =
          Mirror.start(context, parts, policy, forward.timeouts().request(), request, endStream);
      if (copy != null) {
        copies = copies == null ? new ArrayList<>(2) : copies;
        copies.add(copy);
      }
    }
    return copies == null ? null : new Mirrors(copies);
  }

  /** {@code data} stays the caller's. */
  void data(ByteBuf data, boolean endStream) {
    for (Mirror copy : copies) {
      copy.send(data, endStream);
    }
  }

  void trailers(Headers trailers) {
    for (Mirror copy : copies) {
      copy.sendTrailers(trailers);
    }
  }

  /** The request is over; copies that have not got all of it end with it. */
  void requestOver() {
    for (Mirror copy : copies) {
      copy.requestOver();
    }
  }
}
