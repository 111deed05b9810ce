/**
 * What a member asks of the operating system: processes that are started and told, the terminal
 * they are on, users, and the host's name. System calls by {@code java.lang.foreign}.
 */
@NullMarked
package dev.weir.sidecar.member.system;

import org.jspecify.annotations.NullMarked;
