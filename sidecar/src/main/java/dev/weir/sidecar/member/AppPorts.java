package dev.weir.sidecar.member;

import dev.weir.sidecar.relay.Relay;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Where the app listens, and where it should: its sidecar calls it on 127.0.0.1. An app that
 * listens at its port on another address of its own, as ::1, is joined; one that does not listen at
 * its port is told of. A thread of its own, for one life of the app.
 */
final class AppPorts implements AutoCloseable {
  private static final Path NET = Path.of("/proc/net");
  private static final int POLL_MILLIS = 500;
  private static final int LOOKS_UNTIL_TOLD = 20;
  private static final int CONNECT_MILLIS = 250;

  /** The sidecar's. */
  private static final Set<Integer> NOT_THE_APPS = Set.of(15000, 15001, 15006);

  /** The redirect rules let it pass. */
  private static final InetSocketAddress PASSING =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.6"), 0);

  private final List<Integer> ports;
  private final Set<Integer> own;
  private final boolean quiet;
  private final Consumer<String> say;
  private final List<Relay> relays = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * @param ports where it should listen
   * @param own where the member itself listens
   * @param quiet an app that listens nowhere is none that should: somebody types at it
   * @param say takes a line for people
   */
  AppPorts(List<Integer> ports, Set<Integer> own, boolean quiet, Consumer<String> say) {
    this.ports = List.copyOf(new TreeSet<>(ports));
    this.own = Set.copyOf(own);
    this.quiet = quiet;
    this.say = say;
  }

  AppPorts start() {
    Thread.ofPlatform()
        .daemon()
        .name("app's ports")
        .start(() -> {
          try {
            watch();
          } catch (IOException e) {
            say.accept("where the app listens is not known: " + e.getMessage());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    return this;
  }

  private void watch() throws IOException, InterruptedException {
    List<Integer> missing = new ArrayList<>(ports);
    for (int look = 1;
        !missing.isEmpty() && !closed.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
        look++) {
      List<InetSocketAddress> listening = app();
      missing.removeIf(port -> accepts(port) || joined(port, listening));
      if (look == LOOKS_UNTIL_TOLD && !missing.isEmpty() && !(quiet && listening.isEmpty())) {
        say.accept(told(missing, listening));
      }
    }
  }

  private static String told(List<Integer> missing, List<InetSocketAddress> listening) {
    List<String> where = listening.stream().map(AppPorts::text).distinct().sorted().toList();
    return "nothing accepts on 127.0.0.1:"
        + String.join(" and :", missing.stream().map(Object::toString).toList())
        + " for "
        + LOOKS_UNTIL_TOLD * POLL_MILLIS / 1000
        + " s, so that the mesh sends it no requests; the app listens "
        + (where.isEmpty() ? "nowhere" : "on " + String.join(", ", where));
  }

  private static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return address.getAddress() instanceof Inet6Address
        ? "[" + host.replaceFirst("^(0:){7}", "::") + "]:" + address.getPort()
        : host + ":" + address.getPort();
  }

  private List<InetSocketAddress> app() throws IOException {
    return Listening.in(NET).stream()
        .filter(address -> !NOT_THE_APPS.contains(address.getPort()))
        .filter(address -> !own.contains(address.getPort()))
        .toList();
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** As long as the app lives, 127.0.0.1 leads to where it listens. */
  private synchronized boolean joined(int port, List<InetSocketAddress> listening) {
    for (InetSocketAddress address : listening) {
      if (address.getPort() == port && closed.getCount() > 0) {
        InetSocketAddress target =
            address.getAddress().isAnyLocalAddress()
                ? new InetSocketAddress(InetAddress.ofLiteral("::1"), port)
                : address;
        try {
          relays.add(
              Relay.start(
                  new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port),
                  () -> connect(target)));
          return true;
        } catch (IOException e) {
          return false; // it has just begun to listen there itself
        }
      }
    }
    return false;
  }

  private static SocketChannel connect(InetSocketAddress target) throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      if (!(target.getAddress() instanceof Inet6Address)) {
        channel.bind(PASSING);
      }
      channel.connect(target);
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** The app has ended. */
  @Override
  public synchronized void close() {
    closed.countDown();
    relays.forEach(Relay::close);
  }
}
