package dev.weir.control.compile;

import dev.weir.control.model.ObjectName;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The name under which an instance of several services of a namespace is known: theirs, joined by
 * what no name of a Service has.
 */
public final class ServiceGroup {
  private static final String JOINT = "+";

  private ServiceGroup() {}

  /** The name of one service is its own. */
  public static ObjectName of(String namespace, Collection<ObjectName> services) {
    return new ObjectName(
        namespace, services.stream().map(ObjectName::name).collect(Collectors.joining(JOINT)));
  }

  public static List<ObjectName> members(ObjectName group) {
    return Stream.of(group.name().split("[+]", -1))
        .map(name -> new ObjectName(group.namespace(), name))
        .toList();
  }
}
