package dev.weir.sidecar.resource.value;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.CidrRange;
import dev.weir.sidecar.config.rbac.Condition;
import dev.weir.sidecar.config.rbac.Rbac;
import io.envoyproxy.envoy.config.rbac.v3.MetadataSource;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.config.rbac.v3.SourcedMetadata;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import io.envoyproxy.envoy.type.matcher.v3.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@code config.rbac.v3.RBAC}. What is not honoured is refused, whatever the field policy is: to
 * ignore a condition would let in whom it was to keep out.
 */
public final class RbacRules {
  /** Of conditions in each other. */
  private static final int DEEPEST = 32;

  private RbacRules() {}

  public static Rbac parse(RBAC proto, FieldPath path) throws Invalid {
    Rbac.Action action =
        switch (proto.getAction()) {
          case ALLOW -> Rbac.Action.ALLOW;
          case DENY -> Rbac.Action.DENY;
          case LOG -> Rbac.Action.LOG;
          case UNRECOGNIZED ->
              throw new Invalid(path.field("action"), "has no value " + proto.getActionValue());
        };
    if (proto.hasAuditLoggingOptions()) {
      throw new Invalid(path.field("audit_logging_options"), "is not supported");
    }
    List<Rbac.Policy> policies = new ArrayList<>();
    for (Map.Entry<String, Policy> each : new TreeMap<>(proto.getPoliciesMap()).entrySet()) {
      policies.add(
          policy(each.getKey(), each.getValue(), path.field("policies").key(each.getKey())));
    }
    return new Rbac(action, policies);
  }

  private static Rbac.Policy policy(String name, Policy proto, FieldPath path) throws Invalid {
    if (proto.hasCondition() || proto.hasCheckedCondition()) {
      throw new Invalid(path.field("condition"), "is not supported");
    }
    List<Condition> permissions = new ArrayList<>();
    for (int i = 0; i < proto.getPermissionsCount(); i++) {
      permissions.add(
          permission(proto.getPermissions(i), path.field("permissions").index(i), DEEPEST));
    }
    List<Condition> principals = new ArrayList<>();
    for (int i = 0; i < proto.getPrincipalsCount(); i++) {
      principals.add(principal(proto.getPrincipals(i), path.field("principals").index(i), DEEPEST));
    }
    return new Rbac.Policy(name, permissions, principals);
  }

  private static List<Condition> permissions(Permission.Set proto, FieldPath path, int left)
      throws Invalid {
    List<Condition> all = new ArrayList<>();
    for (int i = 0; i < proto.getRulesCount(); i++) {
      all.add(permission(proto.getRules(i), path.field("rules").index(i), left - 1));
    }
    return all;
  }

  @SuppressWarnings("deprecation") // metadata is still sent
  private static Condition permission(Permission proto, FieldPath path, int left) throws Invalid {
    Nesting.check(left, DEEPEST, path);
    return switch (proto.getRuleCase()) {
      case AND_RULES ->
          new Condition.And(permissions(proto.getAndRules(), path.field("and_rules"), left));
      case OR_RULES ->
          new Condition.Or(permissions(proto.getOrRules(), path.field("or_rules"), left));
      case NOT_RULE ->
          new Condition.Not(permission(proto.getNotRule(), path.field("not_rule"), left - 1));
      case ANY -> new Condition.Any();
      case HEADER ->
          new Condition.Header(
              HeaderMatches.parse(List.of(proto.getHeader()), path.field("header")).getFirst());
      case URL_PATH -> path(proto.getUrlPath(), path.field("url_path"));
      case DESTINATION_IP ->
          new Condition.DestinationIp(
              range(proto.getDestinationIp(), path.field("destination_ip")));
      case DESTINATION_PORT ->
          new Condition.DestinationPort(proto.getDestinationPort(), proto.getDestinationPort() + 1);
      case DESTINATION_PORT_RANGE ->
          new Condition.DestinationPort(
              proto.getDestinationPortRange().getStart(), proto.getDestinationPortRange().getEnd());
      case METADATA -> metadata(proto.getMetadata(), path.field("metadata"));
      case SOURCED_METADATA -> sourced(proto.getSourcedMetadata(), path.field("sourced_metadata"));
      case REQUESTED_SERVER_NAME ->
          new Condition.ServerName(
              StringMatches.parse(
                  proto.getRequestedServerName(), path.field("requested_server_name")));
      case MATCHER, URI_TEMPLATE ->
          throw new Invalid(
              path.field(proto.getRuleCase().name().toLowerCase(java.util.Locale.ROOT)),
              "is not supported");
      case RULE_NOT_SET -> throw new Invalid(path, "must set a rule");
    };
  }

  private static List<Condition> principals(Principal.Set proto, FieldPath path, int left)
      throws Invalid {
    List<Condition> all = new ArrayList<>();
    for (int i = 0; i < proto.getIdsCount(); i++) {
      all.add(principal(proto.getIds(i), path.field("ids").index(i), left - 1));
    }
    return all;
  }

  @SuppressWarnings("deprecation") // source_ip and metadata are still sent
  private static Condition principal(Principal proto, FieldPath path, int left) throws Invalid {
    Nesting.check(left, DEEPEST, path);
    return switch (proto.getIdentifierCase()) {
      case AND_IDS -> new Condition.And(principals(proto.getAndIds(), path.field("and_ids"), left));
      case OR_IDS -> new Condition.Or(principals(proto.getOrIds(), path.field("or_ids"), left));
      case NOT_ID -> new Condition.Not(principal(proto.getNotId(), path.field("not_id"), left - 1));
      case ANY -> new Condition.Any();
      case AUTHENTICATED ->
          new Condition.Authenticated(
              proto.getAuthenticated().hasPrincipalName()
                  ? Optional.of(
                      StringMatches.parse(
                          proto.getAuthenticated().getPrincipalName(),
                          path.field("authenticated").field("principal_name")))
                  : Optional.empty());
      case SOURCE_IP -> new Condition.RemoteIp(range(proto.getSourceIp(), path.field("source_ip")));
      case DIRECT_REMOTE_IP ->
          new Condition.RemoteIp(range(proto.getDirectRemoteIp(), path.field("direct_remote_ip")));
      // A client is where its connection comes from: nothing that a header says is believed.
      case REMOTE_IP -> new Condition.RemoteIp(range(proto.getRemoteIp(), path.field("remote_ip")));
      case HEADER ->
          new Condition.Header(
              HeaderMatches.parse(List.of(proto.getHeader()), path.field("header")).getFirst());
      case URL_PATH -> path(proto.getUrlPath(), path.field("url_path"));
      case METADATA -> metadata(proto.getMetadata(), path.field("metadata"));
      case SOURCED_METADATA -> sourced(proto.getSourcedMetadata(), path.field("sourced_metadata"));
      case FILTER_STATE, CUSTOM ->
          throw new Invalid(
              path.field(proto.getIdentifierCase().name().toLowerCase(java.util.Locale.ROOT)),
              "is not supported");
      case IDENTIFIER_NOT_SET -> throw new Invalid(path, "must set an identifier");
    };
  }

  private static CidrRange range(io.envoyproxy.envoy.config.core.v3.CidrRange proto, FieldPath path)
      throws Invalid {
    return Addresses.ranges(List.of(proto), path).getFirst();
  }

  private static Condition path(PathMatcher proto, FieldPath path) throws Invalid {
    return new Condition.Path(StringMatches.parse(proto.getPath(), path.field("path")));
  }

  private static Condition sourced(SourcedMetadata proto, FieldPath path) throws Invalid {
    if (proto.getMetadataSource() != MetadataSource.DYNAMIC) {
      throw new Invalid(path.field("metadata_source"), "must be DYNAMIC; no other is supported");
    }
    return metadata(proto.getMetadataMatcher(), path.field("metadata_matcher"));
  }

  /** {@code type.matcher.v3.MetadataMatcher}, of dynamic metadata. */
  public static Condition.Metadata metadata(MetadataMatcher proto, FieldPath path) throws Invalid {
    return new Condition.Metadata(
        proto.getFilter(),
        proto.getPathList().stream().map(MetadataMatcher.PathSegment::getKey).toList(),
        ValueMatches.parse(proto.getValue(), path.field("value")),
        proto.getInvert());
  }
}
