package dev.weir.sidecar.member;

import dev.weir.sidecar.member.names.HostsFile;
import dev.weir.sidecar.member.names.Service;
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
   * Writes what the sidecar needs.
   *
   * @param service what the member is an instance of
   * @param name the instance's
   * @param address where it is reached
   * @param controlPlane its ADS port
   * @param proof how it proves who it is; empty: the control plane takes plain text
   */
  void writeBootstrap(
      Service service,
      String name,
      String address,
      InetSocketAddress controlPlane,
      Optional<MemberProof> proof)
      throws IOException {
    Files.writeString(
        bootstrap(), MemberBootstrap.write(name, service, address, controlPlane, proof));
  }

  /**
   * Writes what the system needs: the hosts file, as the services are now.
   *
   * @param before the hosts file without the mesh
   */
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
