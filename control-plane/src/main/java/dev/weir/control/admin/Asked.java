package dev.weir.control.admin;

import java.util.Map;
import java.util.concurrent.Callable;

/** A page that depends on what it is asked. */
@FunctionalInterface
public interface Asked extends Callable<Object> {
  /**
   * @param query the parameters of the URL
   * @throws IllegalArgumentException what is asked for cannot be: which parameter, and why
   */
  Object call(Map<String, String> query) throws Exception;

  @Override
  default Object call() throws Exception {
    return call(Map.of());
  }
}
