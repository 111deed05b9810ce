/**
 * A sidecar in a pod: who it is comes by the pod's own fields, and beside the app's traffic it
 * answers the kubelet: whether it is ready, and for the app's probes, which the mesh would refuse.
 */
@NullMarked
package dev.weir.sidecar.pod;

import org.jspecify.annotations.NullMarked;
