package dev.weir.sidecar.xds;

import com.google.protobuf.Any;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/** Finds a resource's name without reading the resource. */
final class ResourceReader {
  private static final String WRAPPER = "type.googleapis.com/envoy.service.discovery.v3.Resource";

  /** {@code name}, or {@code cluster_name}: the first field of all those messages. */
  private static final int NAME_TAG = (1 << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  private ResourceReader() {}

  /** Opens {@code envoy.service.discovery.v3.Resource} where it wraps one. */
  static Resource ofSotw(ResourceType type, String version, Any any) throws IOException {
    if (any.getTypeUrl().equals(WRAPPER)) {
      var wrapper = io.envoyproxy.envoy.service.discovery.v3.Resource.parseFrom(any.getValue());
      return new Resource(type, wrapper.getName(), version, wrapper.getResource());
    }
    return new Resource(type, name(any), version, any);
  }

  private static String name(Any any) throws IOException {
    CodedInputStream in = any.getValue().newCodedInput();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == NAME_TAG) {
        return in.readStringRequireUtf8();
      }
      in.skipField(tag);
    }
    return "";
  }
}
