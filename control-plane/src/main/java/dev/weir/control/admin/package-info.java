/**
 * The control plane's HTTP API: ready, proxies, findings, services. Requests come in on the
 * server's threads; answers are taken from the control thread.
 */
@NullMarked
package dev.weir.control.admin;

import org.jspecify.annotations.NullMarked;
