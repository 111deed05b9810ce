package dev.weir.sidecar.filter.http.jwtauthn;

import java.util.HashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What was used lately. Bounded by the weight of all keys: when the younger half is full it becomes
 * the older one, and that goes. Any thread.
 */
final class Recent<K, V> {
  private final int mostOfHalf;
  private final ToIntFunction<K> weight;
  private Map<K, V> young = new HashMap<>();
  private Map<K, V> old = new HashMap<>();
  private int weightOfYoung;

  /**
   * @param mostOfHalf no more than one key is heavier
   */
  Recent(int mostOfHalf, ToIntFunction<K> weight) {
    this.mostOfHalf = mostOfHalf;
    this.weight = weight;
  }

  /** Null for not known. */
  synchronized @Nullable V get(K key) {
    V known = young.get(key);
    if (known == null) {
      known = old.get(key);
      if (known != null) {
        put(key, known);
      }
    }
    return known;
  }

  synchronized void put(K key, V value) {
    if (!young.containsKey(key)) {
      int more = weight.applyAsInt(key);
      if (weightOfYoung + more > mostOfHalf) {
        old = young;
        young = new HashMap<>();
        weightOfYoung = 0;
      }
      weightOfYoung += more;
    }
    young.put(key, value);
  }
}
