package dev.weir.sidecar.dns;

import java.net.InetSocketAddress;
import java.util.List;

/** Who is asked for names on this machine. */
public final class HostServers {
  private HostServers() {}

  /** As {@code /etc/resolv.conf} has them now. */
  public static List<InetSocketAddress> ofThisMachine() {
    return ResolvConf.read(ResolvConf.SYSTEM).servers();
  }
}
