package dev.weir.control.report;

import java.io.IOException;
import java.time.Duration;

/** The admin pages of one sidecar, of Weir's or Envoy's. Any thread. */
public interface SidecarAdmin {
  /**
   * One answer.
   *
   * @param method GET, or POST without a body
   * @param path with its query
   * @param longest that it may say nothing
   * @throws IOException it cannot be had, with the reason; so too with another status than 200
   */
  byte[] ask(String method, String path, Duration longest) throws IOException;
}
