package dev.weir.control.injector;

import dev.weir.control.model.schema.Field;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Findings;
import dev.weir.control.source.reader.SchemaReader;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Problem;
import dev.weir.protos.yaml.YamlFile;
import dev.weir.protos.yaml.YamlReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** What every injected sidecar has in common. */
public record Injection(
    @Field(value = "Of the sidecar.", defaultsTo = "'weir-sidecar:0.1.0'", max = "512")
        String image,
    @Field(value = "As Kubernetes has it.", defaultsTo = "IfNotPresent", max = "20")
        String imagePullPolicy,
    @Field(
            value = "Where xDS and the CA are: a name and a port.",
            defaultsTo = "'weir-control-plane.weir-system.svc:15012'",
            max = "300")
        String controlPlane,
    @Field(value = "Of the mesh.", defaultsTo = "cluster.local", max = "253") String trustDomain,
    @Field(value = "default or edge, as of weir sidecar.", defaultsTo = "default", max = "20")
        String profile,
    @Field(value = "text or json, as of weir sidecar.", defaultsTo = "text", max = "20")
        String logFormat,
    @Field(value = "As of weir sidecar.", defaultsTo = "info", max = "20") String logLevel,
    @Field(value = "A quantity.", defaultsTo = "100m", max = "20") String cpuRequest,
    @Field(value = "A quantity.", defaultsTo = "160Mi", max = "20") String memoryRequest,
    @Field(value = "A quantity.", defaultsTo = "512Mi", max = "20") String memoryLimit,
    @Field(
            value =
                "An init container that is restarted; else a container beside the app's, which the"
                    + " app does not wait for, and with which Jobs do not end.",
            defaultsTo = "true")
        boolean nativeSidecar,
    @Field(
            value =
                "What redirects a pod's connections: an init container, or the CNI plugin of its"
                    + " node.",
            defaultsTo = "Init")
        Interception interception,
    @Field(
            value =
                "Whether Istio's sidecars have a root and a trust domain in common with Weir's, and"
                    + " the two speak mutual TLS with each other.",
            defaultsTo = "false")
        boolean besideIstio) {

  /** What redirects a pod's connections to its sidecar. */
  public enum Interception {
    /** An init container of the pod, which may change its network. */
    INIT,
    /** The plugin that the agent of the node has chained. */
    CNI
  }

  public Injection {
    check("image", image, InjectionValues::image);
    check("imagePullPolicy", imagePullPolicy, InjectionValues::pullPolicy);
    check("controlPlane", controlPlane, InjectionValues::controlPlane);
    check("trustDomain", trustDomain, InjectionValues::trustDomain);
    check("profile", profile, InjectionValues::profile);
    check("logFormat", logFormat, InjectionValues::logFormat);
    check("logLevel", logLevel, InjectionValues::logLevel);
    check("cpuRequest", cpuRequest, InjectionValues::quantity);
    check("memoryRequest", memoryRequest, InjectionValues::quantity);
    check("memoryLimit", memoryLimit, InjectionValues::quantity);
    if (InjectionValues.isMore(memoryRequest, memoryLimit)) {
      throw new IllegalArgumentException(
          "memoryRequest: " + memoryRequest + " is more than memoryLimit, " + memoryLimit);
    }
    if (interception == Interception.CNI && !nativeSidecar) {
      throw new IllegalArgumentException(
          "interception by the CNI plugin needs a native sidecar: an app's own init containers are"
              + " redirected too, and reach nobody before there is one");
    }
  }

  private static void check(String field, String value, UnaryOperator<String> form) {
    try {
      var _ = form.apply(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(field + ": " + e.getMessage(), e);
    }
  }

  /** What the chart has if nobody says otherwise. */
  public static final Injection DEFAULT = read("", "{}");

  /** Throws IllegalArgumentException for what is none, with what is wrong and where. */
  public static Injection read(String file, String text) {
    YamlFile yaml = YamlReader.read(file, text);
    List<Finding> findings = new ArrayList<>();
    for (Problem problem : yaml.problems()) {
      findings.add(Finding.error(problem.at(), "", problem.field(), problem.message()));
    }
    Injection injection =
        findings.isEmpty() && yaml.documents().size() == 1
            ? new SchemaReader(new Findings("", findings))
                .read(Injection.class, yaml.documents().getFirst(), FieldPath.ROOT)
            : null;
    if (injection == null) {
      throw new IllegalArgumentException(
          findings.isEmpty()
              ? file + ": expected one document"
              : findings.stream().map(Finding::toString).collect(Collectors.joining("; ")));
    }
    return injection;
  }

  /** The same with what people say on a command line. */
  public Injection with(
      String otherImage,
      String pullPolicy,
      String otherControlPlane,
      String otherTrustDomain,
      String otherProfile,
      boolean isNative,
      Interception otherInterception) {
    return new Injection(
        otherImage,
        pullPolicy,
        otherControlPlane,
        otherTrustDomain,
        otherProfile,
        logFormat,
        logLevel,
        cpuRequest,
        memoryRequest,
        memoryLimit,
        isNative,
        otherInterception,
        besideIstio);
  }

  /** What stands for what in the template. */
  Map<String, String> values() {
    return new TreeMap<>(
        Map.ofEntries(
            Map.entry("image", image),
            Map.entry("imagePullPolicy", imagePullPolicy),
            Map.entry("controlPlane", controlPlane),
            Map.entry("trustDomain", trustDomain),
            Map.entry("profile", profile),
            Map.entry("logFormat", logFormat),
            Map.entry("logLevel", logLevel),
            // Of the JVM's memory; the image has the other profile's as its own.
            Map.entry("javaOptions", profile.equals("edge") ? "@/opt/weir/edge.args" : ""),
            Map.entry("cpuRequest", cpuRequest),
            Map.entry("memoryRequest", memoryRequest),
            Map.entry("memoryLimit", memoryLimit),
            Map.entry("ownPorts", ProbeRewrite.OWN_PORTS)));
  }
}
