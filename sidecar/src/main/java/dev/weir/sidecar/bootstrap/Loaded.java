package dev.weir.sidecar.bootstrap;

import dev.weir.protos.Problem;
import dev.weir.sidecar.config.Bootstrap;
import java.util.List;

/** What became of a bootstrap file. */
public sealed interface Loaded {
  /** {@code unhonoured}: fields that are set and have no effect. */
  record Accepted(Bootstrap bootstrap, List<Problem> unhonoured) implements Loaded {
    public Accepted {
      unhonoured = List.copyOf(unhonoured);
    }
  }

  /** At least one problem, in the order of the file where one run can tell. */
  record Rejected(List<Problem> problems) implements Loaded {
    public Rejected {
      problems = List.copyOf(problems);
    }
  }
}
