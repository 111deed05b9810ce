package dev.weir.sidecar.xds.disk;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Magic with the format's version, node, count, then for each resource type URL, name, version and
 * bytes, each with its length; last the CRC-32C of all before it.
 */
final class LastGoodFormat {
  private static final long MAGIC = 0x5745_4952_5844_5301L; // "WEIRXDS", version 1

  private LastGoodFormat() {}

  static byte[] encode(List<Resource> resources, String nodeId) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(MAGIC);
    write(out, nodeId);
    out.writeInt(resources.size());
    for (Resource resource : resources) {
      write(out, resource.type().typeUrl());
      write(out, resource.name());
      write(out, resource.version());
      write(out, resource.body().getValue().toByteArray());
    }
    out.writeLong(checksum(bytes.toByteArray(), bytes.size()));
    return bytes.toByteArray();
  }

  static List<Resource> decode(byte[] content, String nodeId) throws IOException {
    int end = content.length - Long.BYTES;
    if (end < Long.BYTES || ByteBuffer.wrap(content).getLong() != MAGIC) {
      throw new IOException("it is no such file, or another version's");
    }
    if (ByteBuffer.wrap(content, end, Long.BYTES).getLong() != checksum(content, end)) {
      throw new IOException("its checksum is wrong");
    }
    DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(content, Long.BYTES, end - Long.BYTES));
    String owner = readText(in);
    if (!owner.equals(nodeId)) {
      throw new IOException("it is of the node \"" + owner + "\", not \"" + nodeId + "\"");
    }
    int count = in.readInt();
    List<Resource> resources = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String typeUrl = readText(in);
      ResourceType type =
          ResourceType.of(typeUrl)
              .orElseThrow(() -> new IOException("it has a resource of type " + typeUrl));
      String name = readText(in);
      String version = readText(in);
      ByteString value = ByteString.copyFrom(readBytes(in));
      Any body = Any.newBuilder().setTypeUrl(typeUrl).setValue(value).build();
      resources.add(new Resource(type, name, version, body));
    }
    return resources;
  }

  private static long checksum(byte[] content, int length) {
    CRC32C crc = new CRC32C();
    crc.update(content, 0, length);
    return crc.getValue();
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    write(out, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String readText(DataInputStream in) throws IOException {
    return new String(readBytes(in), StandardCharsets.UTF_8);
  }

  private static byte[] readBytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new EOFException("it ends too early");
    }
    return in.readNBytes(length);
  }
}
