/**
 * The instances that registered themselves by their sidecars' streams. Health reports and ends of
 * streams come in; workloads with their ready ports go out. Control thread.
 */
@NullMarked
package dev.weir.control.workload;

import org.jspecify.annotations.NullMarked;
