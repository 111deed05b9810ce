package dev.weir.protos;

import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import java.util.Optional;

/**
 * Every message that may stand in an Any, by its type URL. There is no list to keep: the name of a
 * proto says the name of its Java class (Envoy's API has {@code java_multiple_files} throughout),
 * so a class is loaded when its type is first asked for and never before. Only the packages below
 * are looked into. Any thread.
 */
public final class TypeRegistry {
  public static final String PREFIX = "type.googleapis.com/";

  private TypeRegistry() {}

  /** The empty message of this type, if it is known. What precedes the last slash is ignored. */
  public static Optional<Message> prototype(String typeUrl) {
    String name = nameOf(typeUrl);
    String javaPackage = javaPackagePrefix(name);
    if (javaPackage.isEmpty()) {
      return Optional.empty();
    }
    try {
      Class<?> type =
          Class.forName(
              javaPackage + nestedAsInJava(name), false, TypeRegistry.class.getClassLoader());
      if (!Message.class.isAssignableFrom(type)) {
        return Optional.empty();
      }
      Message prototype = Internal.getDefaultInstance(type.asSubclass(Message.class));
      return Optional.of(prototype)
          .filter(message -> message.getDescriptorForType().getFullName().equals(name));
    } catch (ClassNotFoundException | NoClassDefFoundError e) {
      // NoClassDefFoundError: a name that differs from a class's in case, on some file systems.
      return Optional.empty();
    }
  }

  public static String typeUrl(Message message) {
    return PREFIX + message.getDescriptorForType().getFullName();
  }

  /** {@code envoy.config.cluster.v3.Cluster} of {@code type.googleapis.com/envoy...Cluster}. */
  public static String nameOf(String typeUrl) {
    return typeUrl.substring(typeUrl.lastIndexOf('/') + 1);
  }

  private static String javaPackagePrefix(String name) {
    int dot = name.indexOf('.');
    return switch (dot < 0 ? "" : name.substring(0, dot)) {
      case "envoy" -> "io.envoyproxy.";
      case "google" -> "com.";
      case "opentelemetry" -> "io.";
      case "udpa" -> "com.github.udpa.";
      case "weir" -> "dev.weir.protos.";
      case "xds" -> "com.github.";
      default -> "";
    };
  }

  /** Packages are in lower case; from the first message on, a dot is a {@code $}. */
  private static String nestedAsInJava(String name) {
    String local = name.startsWith("weir.") ? name.substring("weir.".length()) : name;
    for (int dot = local.indexOf('.'); dot >= 0; dot = local.indexOf('.', dot + 1)) {
      if (dot + 1 < local.length() && Character.isUpperCase(local.charAt(dot + 1))) {
        return local.substring(0, dot + 1) + local.substring(dot + 1).replace('.', '$');
      }
    }
    return local;
  }
}
