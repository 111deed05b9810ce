package dev.weir.control.traffic;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The proxies that tell of their traffic at the moment. Any thread. */
public final class Speakers {
  private final Map<Long, Speaker> speakers = new ConcurrentHashMap<>();

  /**
   * One of them.
   *
   * @param id its node id
   * @param service that it stands beside, namespace/name
   * @param version of its program; empty: it does not say
   * @param residentBytes memory that it had when it spoke last; 0: it does not say
   * @param heardMillis when that was, since the epoch
   * @param intervalMillis how often it is to speak
   */
  public record Speaker(
      String id,
      String service,
      String version,
      long residentBytes,
      long heardMillis,
      long intervalMillis) {}

  /** It spoke on its stream. */
  public void heard(long stream, Speaker speaker) {
    speakers.put(stream, speaker);
  }

  /** The stream is over. */
  public void left(long stream) {
    speakers.remove(stream);
  }

  /** All of them, by service and id. */
  public List<Speaker> all() {
    return speakers.values().stream()
        .sorted(Comparator.comparing(Speaker::service).thenComparing(Speaker::id))
        .toList();
  }

  public int size() {
    return speakers.size();
  }
}
