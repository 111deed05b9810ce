package dev.weir.control.model;

import dev.weir.control.model.schema.Shapes;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A policy resource: who it is for, and what it says. */
public record Policy<S extends Policy.Spec>(ObjectName name, S spec) {
  /** The texts in ConfigMaps, of its namespace, that it names. */
  public List<ConfigMapKey> configMapKeys() {
    return spec.configMapRefs().stream().map(ref -> ref.in(name.namespace())).toList();
  }

  /** The policy on one of its targets, which exists. */
  public record Attachment<S extends Spec>(Policy<S> policy, Target target) {
    /** The same, if it is one of this kind. */
    public <K extends Spec> Optional<Attachment<K>> of(Class<K> kind) {
      return kind.isInstance(policy.spec())
          ? Optional.of(
              new Attachment<>(new Policy<>(policy.name(), kind.cast(policy.spec())), target))
          : Optional.empty();
    }
  }

  /**
   * What exactly a policy is for.
   *
   * @param section the name of a port or of a rule; empty: all of it
   */
  public record Target(TargetRef.Kind kind, ObjectName name, String section) {
    /** All of it. */
    public static final Target MESH =
        new Target(TargetRef.Kind.MESH_CONFIG, new ObjectName("", "default"), "");

    public static Target namespace(String name) {
      return new Target(TargetRef.Kind.NAMESPACE, new ObjectName(name, ""), "");
    }

    public static Target service(ObjectName name, String port) {
      return new Target(TargetRef.Kind.SERVICE, name, port);
    }

    public static Target route(Route.Kind kind, ObjectName name, String rule) {
      return switch (kind) {
        case HTTP -> new Target(TargetRef.Kind.HTTP_ROUTE, name, rule);
        case GRPC -> new Target(TargetRef.Kind.GRPC_ROUTE, name, rule);
      };
    }

    /** For people: {@code Service shop/cart http}, {@code Namespace shop}. */
    public String words() {
      return switch (kind) {
        case NAMESPACE -> "Namespace " + name.namespace();
        case MESH_CONFIG -> "MeshConfig " + name.name();
        case SERVICE, HTTP_ROUTE, GRPC_ROUTE -> toString();
      };
    }

    @Override
    public String toString() {
      return Shapes.word(kind) + " " + name + (section.isEmpty() ? "" : " " + section);
    }
  }

  /** The part people write. */
  public interface Spec {
    List<TargetRef> targetRefs();

    /** The parts of it that are set; of two policies on one target only one may set each. */
    Set<String> sections();

    /** The same with these of its sections alone. */
    Spec only(Set<String> sections);

    /** The texts in ConfigMaps that it names. */
    default List<Jwt.ConfigMapRef> configMapRefs() {
      return List.of();
    }

    /** Those of the sections of which each policy's is in force, whatever others there are. */
    default Set<String> sectionsThatAddUp() {
      return Set.of();
    }

    /** Whether any number of them hold side by side, rather than the most specific one. */
    default boolean addsUp() {
      return false;
    }
  }
}
