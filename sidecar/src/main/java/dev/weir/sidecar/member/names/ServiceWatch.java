package dev.weir.sidecar.member.names;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Keeps the hosts file and what is known of ports as the control plane has the services now: those
 * that come later are found too. A thread of its own.
 */
public final class ServiceWatch {
  private static final int POLL_MILLIS = 1000;

  private final Directory services;
  private final Names names;
  private final PortGuard guard;
  private final Consumer<String> say;

  /** Where the services are had. */
  public interface Directory {
    List<Service> read() throws IOException, InterruptedException;
  }

  /** Where the names go. */
  public interface Names {
    void write(List<Service> services) throws IOException;
  }

  public ServiceWatch(Directory services, Names names, PortGuard guard, Consumer<String> say) {
    this.services = services;
    this.names = names;
    this.guard = guard;
    this.say = say;
  }

  /**
   * @param known what the names are so far
   */
  public void start(List<Service> known) throws IOException, InterruptedException {
    guard.apply(known).ifPresent(say);
    Thread.ofPlatform().daemon().name("services").start(() -> watch(known));
  }

  private void watch(List<Service> before) {
    CountDownLatch never = new CountDownLatch(1);
    List<Service> known = before;
    try {
      while (!never.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        List<Service> now = now(known);
        if (!now.equals(known)) {
          known = now;
          names.write(now);
          guard.apply(now).ifPresent(say);
        }
        guard.look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      say.accept("names of services are not kept current any more: " + e.getMessage());
    }
  }

  /** What it said last, while the control plane is away; its sidecar says that it is. */
  private List<Service> now(List<Service> known) throws InterruptedException {
    try {
      return services.read();
    } catch (IOException e) {
      return known;
    }
  }
}
