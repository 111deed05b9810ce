package dev.weir.control.installation;

import dev.weir.control.ca.CertificateAuthority;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * The CA's folder as a Secret of the cluster, by the names that Istio's {@code cacerts} has, or
 * that a {@code kubernetes.io/tls} Secret of cert-manager's has: all control planes of a mesh have
 * the one that the first of them made, or that was brought. One thread at a time.
 */
public final class CaSecret {
  private static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> PRIVATE_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private static final String PEM = ".pem";

  /** What cert-manager calls them; the chain is in the first, behind the CA's own. */
  private static final Map<String, String> OF_CERT_MANAGER =
      Map.of("tls.crt", "ca-cert.pem", "tls.key", "ca-key.pem", "ca.crt", "root-cert.pem");

  private final KubernetesClient client;
  private final String namespace;
  private final String name;
  private final Path folder;

  /**
   * @param folder where the CA reads it; in memory, if it is not to be on a disk
   */
  public CaSecret(KubernetesClient client, String namespace, String name, Path folder) {
    this.client = client;
    this.namespace = namespace;
    this.name = name;
    this.folder = folder;
  }

  /** Makes a root. */
  public interface Make {
    /** In a folder that is empty, as {@link CertificateAuthority#make}. */
    void in(Path folder) throws IOException;
  }

  /** Reads the Secret into the folder; where there is none it is made, once for all who ask. */
  public void begin(Make make) throws IOException {
    try {
      if (!read()) {
        make.in(folder);
        write();
        if (!read()) { // another may have been the first
          throw new IOException(
              ("Secret %s/%s is there, and has no CA in it; bring ca-cert.pem, ca-key.pem and"
                      + " root-cert.pem, or tls.crt, tls.key and ca.crt, or take it away to have a"
                      + " root made")
                  .formatted(namespace, name));
        }
      }
    } catch (KubernetesClientException e) {
      throw new IOException("Secret %s/%s: %s".formatted(namespace, name, e.getMessage()), e);
    }
  }

  /** Follows the Secret; returns whether there is one. */
  public boolean read() throws IOException {
    Secret secret = client.secrets().inNamespace(namespace).withName(name).get();
    Map<String, String> files =
        secret == null || secret.getData() == null ? Map.of() : files(secret.getData());
    if (files.isEmpty()) {
      return false;
    }
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, PRIVATE_FOLDER);
    }
    for (Map.Entry<String, String> file : files.entrySet()) {
      write(file.getKey(), Base64.getDecoder().decode(file.getValue()));
    }
    return true;
  }

  /** By Istio's names if there is one. */
  private static Map<String, String> files(Map<String, String> data) {
    Map<String, String> files = new TreeMap<>(data);
    files.keySet().removeIf(name -> !name.endsWith(PEM));
    if (files.isEmpty()) {
      OF_CERT_MANAGER.forEach((name, file) -> {
        if (data.containsKey(name)) {
          files.put(file, data.get(name));
        }
      });
    }
    return files;
  }

  private void write(String file, byte[] content) throws IOException {
    Path target = folder.resolve(file);
    if (Files.exists(target) && Arrays.equals(Files.readAllBytes(target), content)) {
      return;
    }
    Path beside = folder.resolve(file + ".new");
    Files.deleteIfExists(beside);
    Files.createFile(beside, PRIVATE);
    Files.write(beside, content);
    Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void write() throws IOException {
    Map<String, String> data = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.pem")) {
      for (Path file : files) {
        data.put(
            String.valueOf(file.getFileName()),
            Base64.getEncoder().encodeToString(Files.readAllBytes(file)));
      }
    }
    Secret secret =
        new SecretBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .addToLabels("app.kubernetes.io/part-of", "weir")
            .endMetadata()
            .withType("Opaque")
            .withData(data)
            .build();
    try {
      client.resource(secret).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
    }
  }
}
