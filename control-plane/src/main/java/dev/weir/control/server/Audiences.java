package dev.weir.control.server;

import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.model.ObjectName;
import dev.weir.control.snapshot.Snapshot;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Streams by what they should have: those of one service and kind have the same. So an event is
 * looked at once for all of them, and costs those nothing that it does not concern. Control thread.
 */
final class Audiences {
  private final Map<Key, Audience> all = new HashMap<>();

  private record Key(ObjectName service, ProxyKind kind) {
    static Key of(Proxy proxy) {
      return new Key(proxy.service(), proxy.kind());
    }
  }

  /** Those who have the same. */
  private static final class Audience {
    final Proxy one;
    final Set<AdsStream<?, ?>> streams = new LinkedHashSet<>();
    @Nullable Snapshot snapshot;

    Audience(Proxy one) {
      this.one = one;
    }
  }

  /** A stream is of this proxy; once for each. */
  void enter(AdsStream<?, ?> stream, Proxy proxy) {
    all.computeIfAbsent(Key.of(proxy), key -> new Audience(proxy)).streams.add(stream);
  }

  void leave(AdsStream<?, ?> stream, Proxy proxy) {
    Key key = Key.of(proxy);
    Audience audience = all.get(key);
    if (audience != null && audience.streams.remove(stream) && audience.streams.isEmpty()) {
      all.remove(key);
    }
  }

  /** What to do with a stream that is to have something, and with what becomes of it. */
  interface Telling {
    void tell(AdsStream<?, ?> stream, Snapshot next);

    /** Not all of these could be told. */
    void failed(Collection<AdsStream<?, ?>> streams, RuntimeException mistake);
  }

  /**
   * Tells the streams that should have what they had not, or are told of a service to which
   * something happened. A mistake with one audience keeps no other from its news.
   *
   * @param snapshots says what a proxy should have now
   */
  void tell(Function<Proxy, Snapshot> snapshots, Collection<ObjectName> stirred, Telling telling) {
    for (Audience audience : List.copyOf(all.values())) {
      List<AdsStream<?, ?>> streams = List.copyOf(audience.streams);
      try {
        Snapshot next = snapshots.apply(audience.one);
        if (next != audience.snapshot || next.tellsOfAny(stirred)) {
          audience.snapshot = next;
          streams.forEach(stream -> telling.tell(stream, next));
        }
      } catch (RuntimeException mistake) {
        telling.failed(streams, mistake);
      }
    }
  }
}
