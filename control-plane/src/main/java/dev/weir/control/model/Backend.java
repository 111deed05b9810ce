package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import org.jspecify.annotations.Nullable;

/** A port of a Service that sidecars themselves call. */
public record Backend(
    @Field(value = "A Service.", defaultsTo = "Service") Kind kind,
    @Field(value = "Its name.", min = "1", max = "253") String name,
    @Field(value = "Unset: the policy's own.", min = "1", max = "253") @Nullable String namespace,
    @Field(value = "Its port.", min = "1", max = "65535") int port) {
  /** What may be called. */
  public enum Kind {
    SERVICE
  }

  /** The port, as a policy of {@code own} names it. */
  public ServicePort in(String own) {
    return new ServicePort(new ObjectName(namespace == null ? own : namespace, name), port);
  }
}
