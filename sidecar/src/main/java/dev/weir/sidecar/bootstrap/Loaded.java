package dev.weir.sidecar.bootstrap;

import dev.weir.protos.Problem;
import dev.weir.sidecar.config.bootstrap.Bootstrap;
import java.util.List;

/** What became of a bootstrap file. */
public sealed interface Loaded {
  /**
   * @param proto as it was read, for {@code /config_dump}
   * @param unhonoured fields that are set and have no effect
   */
  record Accepted(
      Bootstrap bootstrap,
      io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap proto,
      List<Problem> unhonoured)
      implements Loaded {
    public Accepted {
      unhonoured = List.copyOf(unhonoured);
    }
  }

  /** There is no such file, or it cannot be read. */
  record Unreadable(Problem problem) implements Loaded {}

  /** At least one problem, in the order of the file where one run can tell. */
  record Rejected(List<Problem> problems) implements Loaded {
    public Rejected {
      problems = List.copyOf(problems);
    }
  }
}
