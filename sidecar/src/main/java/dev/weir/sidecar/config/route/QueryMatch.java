package dev.weir.sidecar.config.route;

import java.util.Optional;

/** {@code config.route.v3.QueryParameterMatcher}; no {@code match}: the parameter must be there. */
public record QueryMatch(String name, Optional<StringMatch> match) {}
