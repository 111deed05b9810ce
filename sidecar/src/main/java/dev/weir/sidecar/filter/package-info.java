/**
 * The HTTP filter interface, for the downstream chain and, per attempt, upstream. Filters do not
 * know each other. Event loop of the stream.
 *
 * <p><b>How a chain plays together.</b> A stream's head, data and trailers pass the filters one by
 * one, requests forwards, responses backwards. A filter says {@code CONTINUE}, or it pauses its
 * direction: what comes behind waits, and over the watermark the reads of that side stop. With
 * {@code Collect} it is collected up to a limit, and over that is a 413 or a 500; with {@code
 * Gather} the filter is shown a request's body before that goes on. {@code resume} goes on at the
 * filter behind the one that paused. A local reply takes the place of everything on its way: it
 * passes the filters backwards as a response does, unless they have seen one begin, which they
 * would take it for a part of. {@code destroy} comes once, at the end of the stream however it
 * ends; a resume after it does nothing.
 *
 * <p>Which filters a stream has, and with what configuration, is known when its route is: by the
 * filter's place in the chain, the most specific of weighted cluster, route, virtual host and route
 * table ({@code route.FilterConfigs}).
 */
@NullMarked
package dev.weir.sidecar.filter;

import org.jspecify.annotations.NullMarked;
