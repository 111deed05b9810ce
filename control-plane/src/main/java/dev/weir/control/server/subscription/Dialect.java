package dev.weir.control.server.subscription;

import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.snapshot.Versioned;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** One of the two ways to ask and to answer; {@code Q} is a request, {@code R} a response. */
public interface Dialect<Q, R> {
  String typeUrl(Q request);

  Optional<Node> node(Q request);

  /** Of the response that this answers; empty: it answers none. */
  String nonce(Q request);

  /** Why the response was refused. */
  Optional<String> refusal(Q request);

  /** Whether a request says nothing but that its client took the response of its nonce. */
  boolean onlyTakes(Q request);

  /**
   * Whether a request that refuses nothing accepts {@code version}, which was sent last; else it
   * only says what it wants.
   */
  boolean accepts(Q request, String version);

  /**
   * Whether what a request wants holds although it answers an older response; else the client says
   * it again with the answer to the last one.
   */
  boolean meansItWhateverItAnswers();

  /** Takes over what the request wants; {@code first} of its type on this stream. */
  void subscribe(Q request, Subscription subscription, boolean first);

  /** The names that a report of health lists, {@code before} being those of the one before. */
  Set<String> listed(Q request, Set<String> before);

  /**
   * Whether a response has all that the client wants of a type, so that it can tell what is gone.
   */
  boolean isWhole(ResourceType type, Subscription subscription);

  /** Whether a change has something to say in this dialect. */
  boolean says(ResourceType type, Change change, Subscription subscription);

  /**
   * It has a nonce that the client has not been sent of this type.
   *
   * @param subscription of the client
   * @param all what it should have after it
   * @param zone where it is
   */
  R response(
      ResourceType type,
      String version,
      Change change,
      Subscription subscription,
      Supplier<List<Versioned>> all,
      String zone);

  String nonceOf(R response);
}
