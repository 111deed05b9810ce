package dev.weir.sidecar.config.route;

import java.util.Optional;

/**
 * {@code config.route.v3.QueryParameterMatcher}.
 *
 * @param match of its value; without, it is asked whether the parameter is there
 * @param present the answer that matches
 */
public record QueryMatch(String name, Optional<StringMatch> match, boolean present) {}
