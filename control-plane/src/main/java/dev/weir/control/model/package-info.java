/**
 * The mesh as people describe it: services, endpoints, routes, policies, workloads. Plain records
 * that know no Kubernetes client and no protobuf, made by a source, read by the compiler.
 * Immutable, any thread.
 */
@NullMarked
package dev.weir.control.model;

import org.jspecify.annotations.NullMarked;
