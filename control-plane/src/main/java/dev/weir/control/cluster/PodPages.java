package dev.weir.control.cluster;

import dev.weir.control.model.ObjectName;
import java.io.IOException;

/** The pages that programs in pods have on loopback. */
public interface PodPages {
  /** Of a control plane. */
  int CONTROL_PLANE = 15014;

  /** Of a sidecar. */
  int SIDECAR = 15000;

  /**
   * One page.
   *
   * @param path with its query
   * @throws IOException it cannot be had, with the reason
   */
  String page(ObjectName pod, int port, String path) throws IOException;
}
