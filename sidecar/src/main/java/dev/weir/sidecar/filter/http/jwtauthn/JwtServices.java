package dev.weir.sidecar.filter.http.jwtauthn;

import dev.weir.sidecar.client.AsyncClient;
import dev.weir.sidecar.config.tls.DataSource;
import dev.weir.sidecar.runtime.Clock;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the filter needs of the sidecar.
 *
 * @param tasks looks at signatures, which takes too long for an event loop; may refuse
 * @param clients asked for the client that fetches keys when the first are fetched
 * @param files reads a local key set, on the control thread
 */
public record JwtServices(
    Executor tasks,
    Supplier<AsyncClient> clients,
    Clock clock,
    Function<DataSource, String> files) {
  Supplier<AsyncClient> client() {
    return clients;
  }

  String read(DataSource source) {
    return files.apply(source);
  }
}
