package dev.weir.control.model;

import dev.weir.control.model.schema.Field;
import dev.weir.control.model.schema.Planned;
import dev.weir.control.model.schema.Rule;
import dev.weir.control.model.schema.Word;
import org.jspecify.annotations.Nullable;

/** What a policy is for. */
@Planned("namespace: a policy must live in the namespace of what it is for")
@Rule(
    cel =
        "self.group == (self.kind == 'MeshConfig' ? 'weir.dev' : self.kind in ['HTTPRoute',"
            + " 'GRPCRoute'] ? 'gateway.networking.k8s.io' : '')",
    message = TargetRef.GROUP_MESSAGE)
@Rule(
    cel = "self.kind != 'MeshConfig' || self.name == 'default'",
    message = TargetRef.MESH_MESSAGE,
    field = "name")
@Rule(
    cel = "!has(self.sectionName) || !(self.kind in ['Namespace', 'MeshConfig'])",
    message = TargetRef.SECTION_MESSAGE)
public record TargetRef(
    @Field(
            value =
                "Always written: `\"\"` for Service and Namespace, `gateway.networking.k8s.io` for"
                    + " routes, `weir.dev` for MeshConfig.",
            max = "253")
        String group,
    @Field("The kind of the target.") Kind kind,
    @Field(
            value =
                "Its name. A Namespace can only be the policy's own; a MeshConfig is `default`.",
            min = "1",
            max = "253",
            pattern = ObjectName.PATTERN,
            otherwise = ObjectName.OTHERWISE)
        String name,
    @Field(
            value = "One port of the Service, or one rule of the route, by name. Unset: all of it.",
            min = "1",
            max = "253",
            pattern = ObjectName.PATTERN,
            otherwise = ObjectName.OTHERWISE)
        @Nullable String sectionName) {
  static final String GROUP_MESSAGE =
      "group is \"\" for Service and Namespace, gateway.networking.k8s.io for routes, weir.dev for"
          + " MeshConfig";
  static final String MESH_MESSAGE = "there is one MeshConfig, named default";
  static final String SECTION_MESSAGE = "sectionName is for Service and routes";

  public TargetRef {
    if (!group.equals(kind.group)) {
      throw new IllegalArgumentException(GROUP_MESSAGE);
    }
    if (kind == Kind.MESH_CONFIG && !name.equals(MeshConfig.NAME.name())) {
      throw new IllegalArgumentException(MESH_MESSAGE);
    }
    if (sectionName != null && (kind == Kind.NAMESPACE || kind == Kind.MESH_CONFIG)) {
      throw new IllegalArgumentException(SECTION_MESSAGE);
    }
  }

  /** That none of a policy's is a route, for what the service itself enforces. */
  static final String NONE_IS_ROUTE =
      "self.targetRefs.all(ref, !(ref.kind in ['HTTPRoute', 'GRPCRoute']))";

  /** Whether it is a way of calling a Service, and not one. */
  boolean isRoute() {
    return kind == Kind.HTTP_ROUTE || kind == Kind.GRPC_ROUTE;
  }

  /** The kinds a policy may be for. */
  public enum Kind {
    SERVICE(""),
    NAMESPACE(""),
    @Word("HTTPRoute")
    HTTP_ROUTE("gateway.networking.k8s.io"),
    @Word("GRPCRoute")
    GRPC_ROUTE("gateway.networking.k8s.io"),
    MESH_CONFIG("weir.dev");

    private final String group;

    Kind(String group) {
      this.group = group;
    }
  }
}
