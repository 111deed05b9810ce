package dev.weir.control.compile;

import dev.weir.control.model.ObjectName;
import java.util.Optional;

/**
 * Who asks for configuration.
 *
 * @param id its node id
 * @param service the service it stands beside
 * @param address where its instance is reached; absent: it only calls
 */
public record Proxy(String id, ObjectName service, Optional<String> address, ProxyKind kind) {}
