package dev.weir.protos;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;

/**
 * Every message that may stand in an Any, by its type URL. There is no list to keep: the name of a
 * proto says the name of its Java class (Envoy's API has {@code java_multiple_files} throughout),
 * so a class is loaded when its type is first asked for and never before. Only the packages below
 * are looked into. Any thread.
 */
public final class TypeRegistry {
  public static final String PREFIX = "type.googleapis.com/";

  private record Type(Message prototype, Descriptor descriptor) {}

  /**
   * Without {@link Class#getMethod} and {@link Message#getDescriptorForType}, which make an object
   * of each method of the class.
   */
  private static final ClassValue<Optional<Type>> TYPES =
      new ClassValue<>() {
        @Override
        protected Optional<Type> computeValue(Class<?> type) {
          try {
            return Optional.of(
                new Type(
                    (Message) method(type, "getDefaultInstance", type).invoke(),
                    (Descriptor) method(type, "getDescriptor", Descriptor.class).invoke()));
          } catch (NoSuchMethodException | IllegalAccessException e) {
            return Optional.empty(); // a class of protobuf's own, and no type
          } catch (Throwable e) {
            throw new IllegalStateException(type + " cannot be used", e);
          }
        }
      };

  private static MethodHandle method(Class<?> of, String name, Class<?> returned)
      throws NoSuchMethodException, IllegalAccessException {
    return MethodHandles.publicLookup().findStatic(of, name, MethodType.methodType(returned));
  }

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
      return TYPES
          .get(type)
          .filter(found -> found.descriptor.getFullName().equals(name))
          .map(Type::prototype);
    } catch (ClassNotFoundException | NoClassDefFoundError e) {
      // NoClassDefFoundError: a name that differs from a class's in case, on some file systems.
      return Optional.empty();
    }
  }

  /** As its {@code getDescriptorForType}, which of a generated class finds all accessors first. */
  public static Descriptor descriptor(Message message) {
    return TYPES
        .get(message.getClass())
        .map(Type::descriptor)
        .orElseGet(message::getDescriptorForType);
  }

  public static String typeUrl(Message message) {
    return PREFIX + descriptor(message).getFullName();
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
