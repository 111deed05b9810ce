package dev.weir.sidecar.mutants;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MessageOrBuilder;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** Which fields are set in the messages that a test builds. Any thread. */
public final class FieldRecorder {
  private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

  private FieldRecorder() {}

  /** Called by the classes that {@link BuilderClass} writes. */
  public static void building(MessageOrBuilder message) {
    for (FieldDescriptor field : message.getAllFields().keySet()) {
      SEEN.add(field.getFullName());
    }
  }

  /** Those seen since the last call. */
  static Set<String> take() {
    Set<String> taken = new TreeSet<>(SEEN);
    SEEN.clear();
    return taken;
  }
}
