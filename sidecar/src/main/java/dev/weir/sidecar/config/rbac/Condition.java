package dev.weir.sidecar.config.rbac;

import dev.weir.sidecar.config.CidrRange;
import dev.weir.sidecar.config.route.HeaderMatch;
import dev.weir.sidecar.config.route.StringMatch;
import java.util.List;
import java.util.Optional;

/** A {@code Permission} or a {@code Principal}: what may be asked of a call. */
public sealed interface Condition {
  record And(List<Condition> all) implements Condition {
    public And {
      all = List.copyOf(all);
    }
  }

  record Or(List<Condition> any) implements Condition {
    public Or {
      any = List.copyOf(any);
    }
  }

  record Not(Condition condition) implements Condition {}

  record Any() implements Condition {}

  /** Of a request; a connection has none. */
  record Header(HeaderMatch match) implements Condition {}

  /** Without query and fragment, as it goes on. */
  record Path(StringMatch match) implements Condition {}

  /**
   * The peer has proved who it is.
   *
   * @param name one of its names of type URI, else of type DNS, else its subject; empty for any
   */
  record Authenticated(Optional<StringMatch> name) implements Condition {}

  record RemoteIp(CidrRange range) implements Condition {}

  record DestinationIp(CidrRange range) implements Condition {}

  /**
   * @param end not included
   */
  record DestinationPort(int start, int end) implements Condition {}

  record ServerName(StringMatch match) implements Condition {}

  /** Of the dynamic metadata that filters before have made. */
  record Metadata(String filter, List<String> path, ValueMatch value, boolean invert)
      implements Condition {
    public Metadata {
      path = List.copyOf(path);
    }
  }
}
