package dev.weir.control.model;

/** The name of a resource within its kind. */
public record ObjectName(String namespace, String name) implements Comparable<ObjectName> {
  /** What Kubernetes takes for a name: labels of DNS, parted by dots. */
  public static final String PATTERN =
      "^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

  /** What is said of what it does not take for one. */
  public static final String OTHERWISE =
      "no name to Kubernetes: a-z, 0-9, - and ., the first and the last of each part a letter or"
          + " digit";

  /** What it takes for a namespace: one such label. */
  public static final String LABEL_PATTERN = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

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
