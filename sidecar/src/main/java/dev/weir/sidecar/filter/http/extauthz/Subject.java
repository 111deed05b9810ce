package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.http.BodyParts;
import dev.weir.sidecar.http.Headers;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The request that is asked about.
 *
 * @param body what there is of it; null: it is not asked about
 * @param settings how much of it is told; null as {@code body}
 * @param whole whether {@code body} is all of it
 * @param bodyless the request has none
 */
record Subject(
    FilterContext stream,
    Headers headers,
    @Nullable BodyParts body,
    ExtAuthzConfig.@Nullable Body settings,
    boolean whole,
    boolean bodyless,
    Map<String, String> context) {
  /** Says whether a body that is told is a part of the request's. */
  static final String PARTIAL_BODY = "x-envoy-auth-partial-body";

  /** How much of the body is told. */
  long bodyLength() {
    return body == null || settings == null ? 0 : Math.min(body.size(), settings.most());
  }
}
