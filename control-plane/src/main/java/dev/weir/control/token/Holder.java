package dev.weir.control.token;

import dev.weir.control.model.SpiffeId;
import java.time.Instant;
import java.util.Optional;

/**
 * Who has a token.
 *
 * @param address where the instance is reached that the token was made for; empty: it does not say
 * @param ends when the token does; empty: that cannot be read
 */
public record Holder(SpiffeId identity, Optional<String> address, Optional<Instant> ends) {}
