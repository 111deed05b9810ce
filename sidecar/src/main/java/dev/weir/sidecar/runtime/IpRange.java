package dev.weir.sidecar.runtime;

import dev.weir.sidecar.config.CidrRange;
import io.netty.util.NetUtil;
import java.util.List;

/** One range of IP addresses, its network as bytes. Immutable. */
public final class IpRange {
  private final byte[] network;
  private final int length;

  private IpRange(byte[] network, int length) {
    this.network = network;
    this.length = length;
  }

  /**
   * @throws IllegalArgumentException for what is none
   */
  public static IpRange of(CidrRange range) {
    byte[] network = NetUtil.createByteArrayFromIpAddressString(range.address());
    if (network == null) {
      throw new IllegalArgumentException(range + " is no range of IP addresses");
    }
    return new IpRange(network, range.prefixLength());
  }

  public static IpRange[] of(List<CidrRange> ranges) {
    return ranges.stream().map(IpRange::of).toArray(IpRange[]::new);
  }

  /**
   * @param address of 4 or 16 bytes; an address of another length is in no range
   */
  public boolean holds(byte[] address) {
    if (network.length != address.length) {
      return false;
    }
    int whole = length / 8;
    for (int i = 0; i < whole; i++) {
      if (network[i] != address[i]) {
        return false;
      }
    }
    int mask = 0xff << (8 - length % 8) & 0xff;
    return length % 8 == 0 || ((network[whole] ^ address[whole]) & mask) == 0;
  }

  /** Of its prefix, in bits. */
  public int length() {
    return length;
  }
}
