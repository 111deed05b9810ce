package dev.weir.sidecar.config.route;

import java.util.List;

/** {@code *_headers_to_add} and {@code *_headers_to_remove}; removal comes first. */
public record HeaderMutation(List<Addition> add, List<String> remove) {
  public static final HeaderMutation NONE = new HeaderMutation(List.of(), List.of());

  public HeaderMutation {
    add = List.copyOf(add);
    remove = List.copyOf(remove);
  }

  public boolean isEmpty() {
    return add.isEmpty() && remove.isEmpty();
  }

  /** {@code value} may hold the command operators of the access log, {@code %REQ(x)%}. */
  public record Addition(String name, String value, Action action, boolean keepEmpty) {}

  /** {@code HeaderValueOption.append_action}. */
  public enum Action {
    APPEND_IF_EXISTS_OR_ADD,
    ADD_IF_ABSENT,
    OVERWRITE_IF_EXISTS_OR_ADD,
    OVERWRITE_IF_EXISTS
  }
}
