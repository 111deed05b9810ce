package dev.weir.control.ui.mesh;

import dev.weir.control.link.Linked;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ServicePort;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;

/** What is in force now. Any thread. */
public interface MeshLook {
  Linked linked() throws Exception;

  /** The ready ones. */
  SortedMap<ServicePort, SortedSet<Endpoint>> endpoints() throws Exception;

  /** The sidecars that are connected, with {@code node}, {@code service} and the rest. */
  List<Map<String, Object>> proxies() throws Exception;
}
