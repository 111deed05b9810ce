package dev.weir.sidecar.filter.http.jwtauthn;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.tls.DataSource;
import dev.weir.sidecar.runtime.Clock;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the filter needs of the sidecar.
 *
 * @param tasks looks at signatures, which takes too long for an event loop; may refuse
 * @param clients asked for the client that fetches keys when the first are fetched
 * @param files reads a local key set, on the control thread
 * @param curves run when there is a key of an elliptic curve, each time; any thread
 */
public record JwtServices(
    Executor tasks,
    Supplier<AsyncClient> clients,
    Clock clock,
    Function<DataSource, String> files,
    Runnable curves) {
  /**
   * @param log told if a library cannot be loaded that they would be faster with, a line; any
   *     thread
   */
  public static JwtServices of(
      Executor tasks,
      Supplier<AsyncClient> clients,
      Clock clock,
      Function<DataSource, String> files,
      Consumer<String> log) {
    return new JwtServices(tasks, clients, clock, files, () -> AwsLc.load(log));
  }

  Supplier<AsyncClient> client() {
    return clients;
  }

  String read(DataSource source) {
    return files.apply(source);
  }
}
