package dev.weir.control.token;

import dev.weir.control.model.SpiffeId;
import java.util.Optional;

/**
 * Who has a token.
 *
 * @param address where the instance is reached that the token was made for; empty: it does not say
 */
public record Holder(SpiffeId identity, Optional<String> address) {}
