/**
 * {@code weir cni}: the agent of one node. It chains Weir's CNI plugin behind those of the node's
 * network, by a conf of its own that comes before the others, and writes the redirect rules for the
 * pods that the plugin asks for. Requests and confs come in by folders of the node; what goes out
 * is files there and rules in pods' network namespaces. A program of its own; the serving sidecar
 * loads none of it.
 */
@NullMarked
package dev.weir.sidecar.cni;

import org.jspecify.annotations.NullMarked;
