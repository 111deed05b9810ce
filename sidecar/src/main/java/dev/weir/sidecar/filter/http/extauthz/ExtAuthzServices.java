package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.client.AsyncClient;
import java.util.function.IntFunction;

/**
 * What the filter needs of the sidecar.
 *
 * @param clients by the index of their loop; asked for when the first check is made
 */
public record ExtAuthzServices(IntFunction<AsyncClient> clients, CheckMessages messages) {}
