package dev.weir.control.injector;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What probes were before a {@link ProbeRewrite}, by what the sidecar is told of them. */
final class RewrittenProbes {
  private static final Pattern HTTP =
      Pattern.compile(Pattern.quote(ProbeRewrite.OPTION) + "(https?):([0-9]{1,5}):(.*)=([^=]+)");

  private static final Pattern GRPC =
      Pattern.compile(Pattern.quote(ProbeRewrite.OPTION) + "grpc:([0-9]{1,5})=([0-9]{1,5})");

  /** By the path at which the kubelet asks. */
  private final Map<String, Http> http = new HashMap<>();

  /** The app's ports by those that the kubelet asks at. */
  private final Map<Integer, Integer> grpc = new HashMap<>();

  private Optional<String> secret = Optional.empty();

  private record Http(String scheme, int port, String path) {}

  /**
   * @param options those of the sidecar; of what is none of ours nothing is known
   */
  RewrittenProbes(List<String> options) {
    for (String option : options) {
      Matcher ofGrpc = GRPC.matcher(option);
      Matcher ofHttp = HTTP.matcher(option);
      if (ofGrpc.matches()) {
        grpc.put(Integer.valueOf(ofGrpc.group(2)), Integer.valueOf(ofGrpc.group(1)));
      } else if (ofHttp.matches()) {
        String name = ofHttp.group(4);
        http.put(
            ProbeRewrite.PATH + name,
            new Http(ofHttp.group(1), Integer.parseInt(ofHttp.group(2)), ofHttp.group(3)));
        int slash = name.indexOf('/');
        if (slash > 0) {
          secret = Optional.of(name.substring(0, slash));
        }
      }
    }
  }

  /** That the paths begin with. */
  Optional<String> secret() {
    return secret;
  }

  /** Gives a probe back what it asked. */
  void restore(Map<String, Object> probe) {
    Map<String, Object> ofHttp = Tree.mapOrEmpty(probe, "httpGet");
    String asked = Tree.text(ofHttp, "path");
    int query = asked.indexOf('?');
    Http was = http.get(query < 0 ? asked : asked.substring(0, query));
    if (was != null && ProbeRewrite.isStatus(ofHttp.get("port"))) {
      ofHttp.put("path", was.path() + (query < 0 ? "" : asked.substring(query)));
      ofHttp.put("port", was.port());
      if (was.scheme().equals("https")) {
        ofHttp.put("scheme", "HTTPS");
      }
    }
    Map<String, Object> ofGrpc = Tree.mapOrEmpty(probe, "grpc");
    if (ofGrpc.get("port") instanceof Number number && grpc.containsKey(number.intValue())) {
      ofGrpc.put("port", grpc.get(number.intValue()));
    }
  }
}
