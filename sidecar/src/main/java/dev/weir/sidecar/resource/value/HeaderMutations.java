package dev.weir.sidecar.resource.value;

import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.route.HeaderMutation;
import dev.weir.sidecar.config.route.HeaderMutation.Action;
import dev.weir.sidecar.config.route.HeaderMutation.Addition;
import dev.weir.sidecar.http.ConnectionFields;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code *_headers_to_add} and {@code *_headers_to_remove}. */
public final class HeaderMutations {
  private HeaderMutations() {}

  /** {@code path} is the message that has both lists, {@code side} is request or response. */
  public static HeaderMutation parse(
      List<HeaderValueOption> add, List<String> remove, FieldPath path, String side)
      throws Invalid {
    if (add.isEmpty() && remove.isEmpty()) {
      return HeaderMutation.NONE;
    }
    List<String> names = new ArrayList<>();
    FieldPath removePath = path.field(side + "_headers_to_remove");
    for (int i = 0; i < remove.size(); i++) {
      names.add(name(remove.get(i), removePath.index(i)));
    }
    return new HeaderMutation(additions(add, path.field(side + "_headers_to_add")), names);
  }

  public static List<Addition> additions(List<HeaderValueOption> protos, FieldPath path)
      throws Invalid {
    List<Addition> additions = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      HeaderValueOption proto = protos.get(i);
      FieldPath at = path.index(i);
      additions.add(
          new Addition(
              name(proto.getHeader().getKey(), at.field("header").field("key")),
              WireTexts.value(proto.getHeader().getValue(), at.field("header").field("value")),
              action(proto, at),
              proto.getKeepEmptyValue()));
    }
    return additions;
  }

  /**
   * Envoy's rule (header_parser.cc): pseudo-headers and host are changed by rewrites alone. And the
   * fields that frame a message by nobody.
   */
  public static String name(String name, FieldPath path) throws Invalid {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.startsWith(":") || lower.equals("host")) {
      throw new Invalid(path, "\"" + name + "\": pseudo-headers and host may not be changed");
    }
    WireTexts.name(name, path);
    if (ConnectionFields.has(lower)) {
      throw new Invalid(
          path, "\"" + name + "\" frames the message on its connection, and may not be changed");
    }
    return lower;
  }

  @SuppressWarnings("deprecation") // append is still sent.
  private static Action action(HeaderValueOption proto, FieldPath path) throws Invalid {
    if (proto.hasAppend()) {
      if (proto.getAppendAction() != HeaderValueOption.HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD) {
        throw new Invalid(path, "only one of append and append_action may be set");
      }
      return proto.getAppend().getValue()
          ? Action.APPEND_IF_EXISTS_OR_ADD
          : Action.OVERWRITE_IF_EXISTS_OR_ADD;
    }
    return switch (proto.getAppendAction()) {
      case APPEND_IF_EXISTS_OR_ADD -> Action.APPEND_IF_EXISTS_OR_ADD;
      case ADD_IF_ABSENT -> Action.ADD_IF_ABSENT;
      case OVERWRITE_IF_EXISTS_OR_ADD -> Action.OVERWRITE_IF_EXISTS_OR_ADD;
      case OVERWRITE_IF_EXISTS -> Action.OVERWRITE_IF_EXISTS;
      case UNRECOGNIZED ->
          throw new Invalid(
              path.field("append_action"), "has no value " + proto.getAppendActionValue());
    };
  }
}
