# The JVM's options of the programs; sourced by ./weir and by the images' build. Sets the array jvm, those of all.

# Who names a collector gets that one; two would be an error.
case " ${WEIR_JAVA_OPTS:-}" in
  *" -XX:+Use"*GC*) collector=() ;;
  *) collector=(-XX:+UseSerialGC) ;;
esac

# shellcheck disable=SC2206 # they are words
jvm=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow "${collector[@]}"
  -XX:+UseCompactObjectHeaders ${WEIR_JAVA_OPTS:-})

# Sets the array heap to the memory of a sidecar of profile $1, see docs/decisions.md, or of the control plane, see
# docs/control-plane.md.
heap_of() {
  case $1 in
    default) heap=(-Xms16m -Xmx256m -XX:NewSize=8m -XX:TrimNativeHeapInterval=5000) ;;
    edge) heap=(-Xms8m -Xmx32m -XX:NewSize=4m -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=16m
      -XX:MaxDirectMemorySize=16m -XX:MaxMetaspaceSize=48m -Xss512k -XX:TrimNativeHeapInterval=5000) ;;
    control-plane) heap=(-Xmx512m -XX:MaxDirectMemorySize=256m) ;;
  esac
}
