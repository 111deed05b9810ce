package dev.weir.sidecar.xds;

import java.util.List;
import java.util.Set;
import java.util.SortedSet;

/** Takes what a source brings. Control thread. */
public interface ResourceHandler {
  /**
   * Takes the resources of one response and returns those it refuses.
   *
   * @param removed names that are gone
   * @param complete whatever is not in {@code resources} is gone too
   */
  List<Refused> onResources(
      ResourceType type, List<Resource> resources, Set<String> removed, boolean complete);

  /** The names of {@code type} that are referred to, in a set that does not change any more. */
  SortedSet<String> wanted(ResourceType type);

  /** A server is asked for {@code type}, or answered, or a file is read. */
  void onAttempt(ResourceType type);

  /** What was brought is in force or waits; {@code whole}: nothing of it was refused. */
  void onTaken(ResourceType type, boolean whole);

  /** The server of the stream that is open says that it is Weir's; once a stream. */
  void onWeir();

  /** A stream ended, or could not begin, with this gRPC status; the next is on its way. */
  void onDisconnected(int status, String message);

  /** Nothing could be fetched, for this reason; it is tried again. */
  void onFetchFailed(String reason);

  /** It was asked, and has nothing newer. */
  void onUnchanged();
}
