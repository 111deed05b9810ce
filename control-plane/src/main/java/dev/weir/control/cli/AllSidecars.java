package dev.weir.control.cli;

import dev.weir.cli.Values;
import dev.weir.cli.WrongUsage;
import dev.weir.cli.story.Sidecars;
import dev.weir.control.cluster.ForwardedPages;
import dev.weir.control.cluster.PodSidecars;
import java.io.IOException;
import java.util.Optional;

/** The sidecars of the cluster and the namespace that are meant, by their forwarded pages. */
final class AllSidecars {
  /** What is done with them; its result is the exit status. */
  interface Job {
    int with(Sidecars sidecars) throws IOException;
  }

  private AllSidecars() {}

  /**
   * Asks.
   *
   * @param only those of this pod or workload; empty: all
   */
  static int ask(Values values, Optional<String> only, Job job) throws WrongUsage, IOException {
    return ClusterOptions.ask(
        values,
        cluster -> {
          try (ForwardedPages pages = new ForwardedPages(cluster.client())) {
            return job.with(new PodSidecars(cluster, cluster.saidNamespace(), only, pages));
          }
        });
  }
}
