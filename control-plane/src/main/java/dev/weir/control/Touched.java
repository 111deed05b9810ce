package dev.weir.control;

import dev.weir.control.model.ObjectName;
import dev.weir.control.workload.Pods;
import java.util.HashSet;
import java.util.Set;

/**
 * What events have touched since the last round, each of which asks for the next one. Control
 * thread.
 */
final class Touched implements Pods.Changes {
  private final Runnable ask;

  /** Services whose endpoints may be other ones. */
  private final Set<ObjectName> services = new HashSet<>();

  /** Whether there is a model to compile. */
  private boolean model = true;

  /** Whether a pod may be another service's than its stream was told. */
  private boolean places;

  private volatile boolean begun;

  /**
   * @param ask asks for a round
   */
  Touched(Runnable ask) {
    this.ask = ask;
  }

  /** Something is compiled; until then what happens to pods asks for nothing. */
  void begin() {
    begun = true;
  }

  /** Any thread. */
  boolean begun() {
    return begun;
  }

  /** Something happened to the instances of a service. */
  void service(ObjectName service) {
    services.add(service);
    ask.run();
  }

  /** The model is another one. */
  void model() {
    model = true;
    ask.run();
  }

  /** All instances there are are compiled at the beginning, whatever happened to them before. */
  @Override
  public void endpoints(ObjectName service) {
    if (begun) {
      service(service);
    }
  }

  @Override
  public void accounts() {
    model = true;
    askIfBegun();
  }

  @Override
  public void places() {
    places = true;
    askIfBegun();
  }

  private void askIfBegun() {
    if (begun) {
      ask.run();
    }
  }

  /** Whether what is compiled does not follow from what is linked. */
  boolean isModel() {
    return model;
  }

  Set<ObjectName> services() {
    return services;
  }

  /** The model is compiled; a mistake before leaves it for the next round. */
  void modelDone() {
    model = false;
  }

  void servicesDone() {
    services.clear();
  }

  /** Whether pods have moved since this was asked before. */
  boolean takePlaces() {
    boolean moved = places;
    places = false;
    return moved;
  }
}
