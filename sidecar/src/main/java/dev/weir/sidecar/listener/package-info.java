/**
 * Listening sockets and what a new connection goes through: the loop it is given to, its original
 * destination, its filter chain, its codec. Sockets and chains live on when configuration changes;
 * each new stream sees the chain in force.
 */
@NullMarked
package dev.weir.sidecar.listener;

import org.jspecify.annotations.NullMarked;
