package dev.weir.control.injector;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Puts the sidecar into a pod, or a pod's template: adds what the template of the sidecar has, lets
 * the kubelet's probes go by it, and leaves all else as it was. To do it twice is to do it once; in
 * a pod that others have added to since, what is missing is done.
 */
public final class Injector {
  /** On a namespace or a pod: {@code enabled} or {@code disabled}. */
  public static final String LABEL = "weir.dev/inject";

  /** On a namespace or a pod: which installation's sidecar. */
  static final String REVISION = "weir.dev/rev";

  static final String SIDECAR = "weir-sidecar";
  static final String INIT = "weir-init";
  static final List<String> OURS = List.of(SIDECAR, INIT);

  /** What the CNI plugin is to do: the words of {@code weir intercept}. */
  static final String INTERCEPT = "weir.dev/intercept";

  /** By it Istio's control plane knows that a pod's sidecar takes its mutual TLS. */
  private static final String TLS_MODE = "security.istio.io/tlsMode";

  static final String INJECTED = "weir.dev/injected";
  private static final String DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";
  static final String ENABLED = "enabled";
  static final String DISABLED = "disabled";

  /** What {@value #LABEL} may say. */
  public static final List<String> WORDS = List.of(ENABLED, DISABLED);

  /** Containers of other meshes. */
  private static final Set<String> OTHERS =
      Set.of("istio-proxy", "linkerd-proxy", "kuma-sidecar", "consul-dataplane");

  private static final String WINDOWS = "windows";

  /** Of Istio's mesh without sidecars. */
  private static final String DATAPLANE_MODE = "istio.io/dataplane-mode";

  /** The plugin takes no more from a pod. */
  private static final int MOST_WORDS = 4096;

  private final Injection injection;
  private final Supplier<String> secret;
  private final String template;

  /**
   * @param secret a text that nobody can guess, for each pod: whoever knows the path of a probe can
   *     ask the app for it
   */
  public Injector(Injection injection, Supplier<String> secret) {
    this.injection = injection;
    this.secret = secret;
    String text = resource();
    for (Map.Entry<String, String> value : injection.values().entrySet()) {
      text = text.replace("${" + value.getKey() + "}", value.getValue());
    }
    this.template = text;
  }

  private static String resource() {
    try (InputStream in = Injector.class.getResourceAsStream("sidecar.yaml")) {
      if (in == null) {
        throw new IllegalStateException("sidecar.yaml is not in the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What became of a pod. */
  public sealed interface Outcome {
    /** It has a sidecar now, or all that is missing beside the one that it had. */
    record Injected(Map<String, Object> pod) implements Outcome {}

    /** It has had one before, and nothing is missing. */
    record Already() implements Outcome {}

    /** It stays as it is, without one. */
    record Left(String reason) implements Outcome {}

    /**
     * It stays as it is, so that the API server refuses it.
     *
     * @param problem the field, and what is wrong with it
     */
    record Malformed(String problem) implements Outcome {}
  }

  /**
   * What a pod becomes. Throws IllegalArgumentException for what its annotations must not say.
   *
   * @param pod with {@code metadata} and {@code spec}; it is not changed
   * @param namespace the {@value #LABEL} of its namespace; empty: none
   */
  public Outcome inject(Map<String, Object> pod, Optional<String> namespace) {
    Map<String, Object> spec = Tree.mapOrEmpty(pod, "spec");
    Map<String, Object> metadata = Tree.mapOrEmpty(pod, "metadata");
    Optional<String> left = leaves(pod, namespace);
    if (left.isPresent()) {
      return new Outcome.Left(left.get());
    }
    Optional<String> problem = PodForm.problem(pod);
    if (problem.isPresent()) {
      return new Outcome.Malformed(problem.get());
    }
    if (names(spec).noneMatch(SIDECAR::equals)) {
      return new Outcome.Injected(injected(pod));
    }
    Map<String, Object> completed = Completion.of(pod, Exclusions.options(metadata), secret);
    return completed.equals(pod) ? new Outcome.Already() : new Outcome.Injected(completed);
  }

  /**
   * Why a pod is left as it is; empty: it is to have a sidecar.
   *
   * @param namespace the {@value #LABEL} of its namespace; empty: none
   */
  public static Optional<String> leaves(Map<String, Object> pod, Optional<String> namespace) {
    Map<String, Object> spec = Tree.mapOrEmpty(pod, "spec");
    Map<String, Object> metadata = Tree.mapOrEmpty(pod, "metadata");
    String own = Tree.text(Tree.mapOrEmpty(metadata, "labels"), LABEL);
    if (own.equals(DISABLED)) {
      return Optional.of("its label " + LABEL + " says disabled");
    }
    if (!own.equals(ENABLED) && namespace.filter(DISABLED::equals).isPresent()) {
      return Optional.of("the label " + LABEL + " of its namespace says disabled");
    }
    if (!own.equals(ENABLED) && !namespace.filter(ENABLED::equals).isPresent()) {
      return Optional.of("neither it nor its namespace has the label " + LABEL + "=enabled");
    }
    if (Boolean.TRUE.equals(spec.get("hostNetwork"))) {
      return Optional.of("it is in the node's network, which no sidecar can take over");
    }
    if (windows(spec)) {
      return Optional.of("it runs on Windows, for which there is no sidecar");
    }
    if (Tree.text(Tree.mapOrEmpty(metadata, "labels"), DATAPLANE_MODE).equals("ambient")) {
      return Optional.of("it is in Istio's mesh: its label " + DATAPLANE_MODE + " says ambient");
    }
    return names(spec).anyMatch(SIDECAR::equals)
        ? Optional.empty()
        : names(spec)
            .filter(OTHERS::contains)
            .findFirst()
            .map(other -> "it has the container " + other + " already");
  }

  private static boolean windows(Map<String, Object> spec) {
    return Tree.text(Tree.mapOrEmpty(spec, "os"), "name").equals(WINDOWS)
        || Tree.text(Tree.mapOrEmpty(spec, "nodeSelector"), "kubernetes.io/os").equals(WINDOWS);
  }

  private static Stream<String> names(Map<String, Object> spec) {
    return Stream.of("initContainers", "containers")
        .flatMap(key -> Tree.listOrEmpty(spec, key).stream())
        .map(container -> Tree.text(container, "name"));
  }

  private Map<String, Object> injected(Map<String, Object> pod) {
    Map<String, Object> result = Tree.copyOf(pod);
    Map<String, Object> added = added();
    Map<String, Object> spec = Tree.map(result, "spec");
    Map<String, Object> metadata = Tree.map(result, "metadata");
    List<Map<String, Object>> containers = Tree.list(spec, "containers");
    ProbeRewrite probes = new ProbeRewrite(secret.get());
    probed(spec).forEach(probes::container);
    Map<String, Object> init = named(added, INIT);
    Map<String, Object> sidecar = named(added, SIDECAR);
    arguments(init).addAll(Exclusions.options(metadata));
    arguments(sidecar).addAll(PodMetrics.rewrite(metadata, spec));
    arguments(sidecar).addAll(probes.probes());
    Tree.list(spec, "volumes").addAll(Tree.list(added, "volumes"));
    Map<String, Object> annotations = Tree.map(metadata, "annotations");
    List<Map<String, Object>> inits =
        switch (injection.interception()) {
          case INIT -> List.of(init);
          case CNI -> {
            annotations.put(INTERCEPT, words(init));
            yield List.of();
          }
        };
    List<Map<String, Object>> first = Tree.list(spec, "initContainers");
    if (injection.nativeSidecar()) {
      first.add(0, sidecar);
      first.addAll(0, inits);
    } else {
      // The app's own init containers run before there is a sidecar, and call past it.
      first.addAll(inits);
      sidecar.remove("restartPolicy");
      containers.addFirst(sidecar);
    }
    annotations.put(INJECTED, injection.image());
    if (injection.besideIstio()) {
      Tree.map(metadata, "labels").put(TLS_MODE, "istio");
    }
    String app = Tree.text(containers.get(injection.nativeSidecar() ? 0 : 1), "name");
    annotations.putIfAbsent(DEFAULT_CONTAINER, app);
    return result;
  }

  @SuppressWarnings("unchecked") // it is our own
  private Map<String, Object> added() {
    return Objects.requireNonNull(new KubernetesSerialization().unmarshal(template, Map.class));
  }

  private static Map<String, Object> named(Map<String, Object> template, String name) {
    return Tree.list(template, "initContainers").stream()
        .filter(container -> Tree.text(container, "name").equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The app's containers, and what runs beside them, which has probes too. */
  static List<Map<String, Object>> probed(Map<String, Object> spec) {
    return Stream.concat(
            Tree.listOrEmpty(spec, "containers").stream(),
            Tree.listOrEmpty(spec, "initContainers").stream()
                .filter(container -> "Always".equals(container.get("restartPolicy"))))
        .filter(container -> !Tree.text(container, "name").equals(SIDECAR))
        .toList();
  }

  @SuppressWarnings("unchecked") // it is our own
  private static List<Object> arguments(Map<String, Object> container) {
    return Objects.requireNonNull((List<Object>) container.get("args"));
  }

  /** Those behind the command's name; none has a blank in it. */
  private static String words(Map<String, Object> init) {
    String words =
        arguments(init).stream().skip(1).map(String::valueOf).collect(Collectors.joining(" "));
    if (words.length() > MOST_WORDS) {
      throw new IllegalArgumentException(
          "annotations weir.dev/exclude-...: with our own words these are "
              + words.length()
              + " characters, and the CNI plugin takes "
              + MOST_WORDS);
    }
    return words;
  }
}
