/**
 * The router, last filter of every chain. Event loop of the downstream connection.
 *
 * <p><b>How attempts play together.</b> {@code RouterFilter} decides by the route; what is to be
 * forwarded becomes a {@code Forwarding}, which owns the request until its response has begun. It
 * makes one {@code Attempt} after the other:
 *
 * <ol>
 *   <li>The filters of the attempt's cluster may refuse it ({@code admit}), speak against hosts
 *       ({@code avoids}), and refuse the one that was chosen ({@code chosen}).
 *   <li>The head is mutated once for all attempts ({@code RequestHead}); the body is kept, bounded,
 *       while another attempt may follow, and each attempt reads it anew when it has a connection.
 *   <li>What comes of it is told to outlier detection and to the filters once it is known ({@code
 *       AttemptReport}), and to the forwarding, which asks {@code RetryState}: is it worth another,
 *       is there a host, does the budget pay. Then there is a pause ({@code Deadlines}), or the
 *       response goes back, or a reply of our own.
 *   <li>Where the route hedges, {@code Hedges} has the attempts beside the newest. Whatever ends
 *       while another one is under way, or will be, is let go; the first response that is not worth
 *       a retry wins and resets the others.
 * </ol>
 *
 * <p>Once a response has begun there is one attempt and no other: no retries, no body, no copies.
 * What we gave up is said to the callers ({@code GivenUp}), so that they do not try the whole
 * again.
 */
@NullMarked
package dev.weir.sidecar.filter.http.router;

import org.jspecify.annotations.NullMarked;
