package dev.weir.control.model;

/** The name of a resource within its kind. */
public record ObjectName(String namespace, String name) implements Comparable<ObjectName> {
  /** By namespace, then by name. */
  @Override
  public int compareTo(ObjectName other) {
    int byNamespace = namespace.compareTo(other.namespace);
    return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
