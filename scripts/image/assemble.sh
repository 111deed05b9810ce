#!/usr/bin/env bash
# Assembles a program for its image, in a JDK's image whose working folder has the jars of both programs:
#
#   assemble.sh MODULE JAVA_MODULE,...
#
# Into /opt/weir: java, a runtime of those modules; weir.jar and its lib; native, the libraries that would be unpacked
# each time, to a folder that can be written to; weir.aot; jvm.args, the options of the JVM. Those of its memory, and its
# collector, are in the runtime, so that others come after them: in JDK_JAVA_OPTIONS, which may also be
# @/opt/weir/edge.args. Another collector is -XX:-UseSerialGC -XX:+UseG1GC there.
set -euo pipefail

module=$1
home=$PWD
into=/opt/weir
program=$module
: "${JAVA_HOME:?is to name the JDK}"
. "$home/scripts/lib/jvm.sh"
. "$home/scripts/lib/aot.sh"

case $module in
  sidecar) profile=default ;;
  *) profile=$module ;;
esac
heap_of "$profile"
collector_of "$module" "${heap[@]}"
"$JAVA_HOME/bin/jlink" --add-modules "$2" --add-options="${heap[*]} ${collector[*]}" --strip-java-debug-attributes --no-header-files \
  --no-man-pages --output "$into/java"
# A provider that is in the list and not in the runtime would be looked for among the jars, and AWS-LC be loaded by that.
sed -i -E '/^security\.provider\.[0-9]+=(SunJGSS|SunSASL|XMLDSig|SunPCSC|JdkLDAP|JdkSASL|SunPKCS11)$/d' \
  "$into/java/conf/security/java.security"
cp -a "$home/$module/target/weir-$module"-*.jar "$into/weir.jar"
cp -a "$home/$module/target/lib" "$into/lib"
# The cache holds as long as the jars' times do: this is the one that a reproducible build gives to all files.
find "$into" -name '*.jar' -exec touch -d @0 {} +

mkdir -p "$into/native" "$into/unpacked"
cd "$into/unpacked"
for jar in "$into"/lib/*linux*.jar; do
  [ ! -e "$jar" ] || "$JAVA_HOME/bin/jar" --extract --file "$jar"
done
find . -name '*.so' -exec mv {} "$into/native" \;
cd "$home"
rm -r "$into/unpacked"

jvm+=(-XX:-UsePerfData -XX:+ErrorFileToStderr "-Djava.library.path=$into/native"
  -Dcom.amazon.corretto.crypto.provider.useExternalLib=true)

# The one program is trained as it will be; the other is what it talks to.
aot_java() {
  if [ "$1" = "$program" ]; then echo "$into/java/bin/java"; else echo "$JAVA_HOME/bin/java"; fi
}

aot_cache() {
  if [ "$1" = "$program" ]; then echo "$into/weir.aot"; else echo "$home/other.aot"; fi
}

jar() {
  if [ "$1" = "$program" ]; then echo "$into/weir.jar"; else echo "$home/$1/target/weir-$1"-*.jar; fi
}

aot_train
[ -s "$into/weir.aot" ] || exit 1
aot_options "$module"

printf '%s\n' "${jvm[@]}" "${aot[@]}" -cp "$into/weir.jar" >"$into/jvm.args"
if [ "$module" = sidecar ]; then
  heap_of edge
  printf '%s\n' "${heap[@]}" >"$into/edge.args"
fi
