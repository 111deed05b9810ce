package dev.weir.sidecar.config;

/** An IP prefix: {@code address} is an IP literal, {@code prefixLength} 0 to 32 or 128. */
public record CidrRange(String address, int prefixLength) {
  @Override
  public String toString() {
    return address + "/" + prefixLength;
  }
}
