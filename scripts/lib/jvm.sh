# The JVM's options of the programs; sourced by ./weir and by the images' build. Sets the array jvm, those of all.

# shellcheck disable=SC2206 # they are words
jvm=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:+UseCompactObjectHeaders
  -Dio.netty.jfr.enabled=false ${WEIR_JAVA_OPTS:-})

# What reads a configuration is busy at the start and seldom after: it takes eight times the calls to have it compiled, see
# docs/decisions.md.
rare=(-XX:CompileCommand=quiet)
for package in com.google.protobuf dev.weir.protos io.envoyproxy java.util.jar java.util.zip jdk.internal.classfile org.snakeyaml; do
  rare+=("-XX:CompileCommand=CompileThresholdScaling,$package.*::*,8.0")
done
# What reads a bootstrap is done when that is read, however long it is: for the second compiler each of its methods is too
# large, which costs nothing to find out.
for package in org.snakeyaml dev.weir.protos.yaml dev.weir.sidecar.bootstrap; do
  rare+=("-XX:CompileCommand=MaxNodeLimit,$package.*::*,1")
done
unset package
# Nor is reflection used by what is called often: a method handle is made of classes of its own, for two or three calls.
rare+=(-Djdk.reflect.useNativeAccessorOnly=true)

# Sets the array heap to the memory of a sidecar of profile $1, and to what its compilers leave, see docs/decisions.md, or
# to the memory of the control plane, see docs/control-plane.md. In an image the options of edge come behind those of
# default: it says all that the other does.
heap_of() {
  case $1 in
    default) heap=(-Xms16m -Xmx256m -XX:NewSize=10m -XX:SurvivorRatio=3 -XX:TargetSurvivorRatio=90
      -XX:MinHeapFreeRatio=20 -XX:MaxHeapFreeRatio=40 -XX:-ShrinkHeapInSteps -XX:TrimNativeHeapInterval=1000 "${rare[@]}") ;;
    edge) heap=(-Xms8m -Xmx32m -XX:NewSize=4m -XX:SurvivorRatio=8 -XX:TargetSurvivorRatio=50
      -XX:MinHeapFreeRatio=20 -XX:MaxHeapFreeRatio=40 -XX:-ShrinkHeapInSteps -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=16m
      -XX:MaxDirectMemorySize=16m -XX:MaxMetaspaceSize=48m -Xss512k -XX:TrimNativeHeapInterval=1000 "${rare[@]}") ;;
    control-plane) heap=(-Xmx512m -XX:MaxDirectMemorySize=256m) ;;
  esac
}

# Sets the array collector to that of module $1, which runs with the words after it: docs/decisions.md has why. Who names
# one among these gets that one; two would be an error.
collector_of() {
  local module=$1 word most=0
  shift
  collector=()
  for word; do
    case $word in
      -XX:+UseSerialGC | -XX:+UseParallelGC | -XX:+UseG1GC | -XX:+UseZGC | -XX:+UseShenandoahGC | -XX:+UseEpsilonGC) return ;;
      -Xmx*) most=$(bytes_of "${word#-Xmx}") ;;
      -XX:MaxHeapSize=*) most=$(bytes_of "${word#*=}") ;;
    esac
  done
  collector=(-XX:+UseSerialGC)
  if [ "$module" = control-plane ] && [ "$most" -ge $((1 << 30)) ]; then collector=(-XX:+UseG1GC); fi
}

# 512m, 2g and the like in bytes; what is none is the JVM's to refuse.
bytes_of() {
  local number=${1%[kKmMgGtT]} power=0
  case $1 in
    *[kK]) power=10 ;;
    *[mM]) power=20 ;;
    *[gG]) power=30 ;;
    *[tT]) power=40 ;;
  esac
  case $number in
    "" | *[!0-9]*) echo 0 ;;
    *) echo $((10#$number << power)) ;;
  esac
}
