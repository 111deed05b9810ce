package dev.weir.sidecar.member;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/** The files of a member, in its folder. */
record MemberFiles(Path folder) {
  /** The system reads it: it is where /etc/hosts is looked for. */
  Path hosts() {
    return folder.resolve("hosts");
  }

  Path bootstrap() {
    return folder.resolve("bootstrap.yaml");
  }

  /**
   * Writes what the sidecar and the system need.
   *
   * @param service what the member is an instance of
   * @param name the instance's
   * @param address where it is reached
   * @param controlPlane its ADS port
   * @param proof how it proves who it is; empty: the control plane takes plain text
   * @param before the hosts file without the mesh
   * @throws IllegalArgumentException with the services that there are, if it is none or several
   */
  void write(
      ServiceName service,
      List<Service> services,
      String name,
      String address,
      InetSocketAddress controlPlane,
      Optional<MemberProof> proof,
      String before)
      throws IOException {
    Service own = service.in(services);
    writeHosts(own, services, name, address, before);
    Files.writeString(bootstrap(), MemberBootstrap.write(name, own, address, controlPlane, proof));
  }

  /** The hosts file alone, as the services are now. */
  void writeHosts(Service own, List<Service> services, String name, String address, String before)
      throws IOException {
    writeHosts(HostsFile.write(own, services, name, address, before));
  }

  /** In place, as what is mounted is the file and not its name; nobody sees it empty. */
  private void writeHosts(String text) throws IOException {
    try (FileChannel file =
        FileChannel.open(hosts(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      file.truncate(bytes.limit());
    }
  }
}
