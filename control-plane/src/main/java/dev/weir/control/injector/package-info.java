/**
 * Puts a sidecar into pods: a pod as Kubernetes writes it comes in, and with the sidecar it goes
 * out; the webhook and {@code weir inject} do the same. Any thread.
 */
@NullMarked
package dev.weir.control.injector;

import org.jspecify.annotations.NullMarked;
