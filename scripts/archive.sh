# ./weir archive [FILE]: an archive of the programs, the charts and a Java runtime, for machines without a JDK. Sourced by
# the launcher.
#
#   weir, kubectl-weir, kubectl_complete-weir    as in a checkout, without demo, bench and verify
#   charts, docs, examples
#   programs                                     lib/programs.sh
#   runtime                                      what jlink makes of this JDK, or what is handed in
#
# A runtime is of one architecture, and so is what is native in the programs' libraries.

archive_modules=java.base,java.logging,java.naming,java.net.http,java.sql,jdk.httpserver,jdk.jfr,jdk.unsupported

archive_usage() {
  cat <<'TEXT'
Usage: weir archive [--runtime DIR] [FILE]
Writes an archive of Weir for Linux with a Java runtime of its own.

      --runtime DIR   Of this Java, a runtime or a JDK, version 25 or later, for amd64 or arm64: the archive is for its
                      architecture (default: made of the JDK here, for the architecture that this is). What is for
                      another architecture than this has no AOT caches, which are made by running it: its programs
                      take twice the time to start.
      FILE            Where to (default: target/weir-VERSION-linux-ARCHITECTURE.tar.gz).

Exit status: 0: done; 1: it could not be done; 2: wrong usage.
TEXT
}

# The architecture of the Linux program $1, by its ELF header.
archive_architecture() {
  case $(od -An -tx1 -N4 "$1" | tr -d ' ')-$(od -An -tx1 -j18 -N2 "$1" | tr -d ' ') in
    7f454c46-3e00) echo amd64 ;;
    7f454c46-b700) echo arm64 ;;
    *) return 1 ;;
  esac
}

# Fails unless the runtime $1 can run the programs.
archive_check_runtime() {
  local version modules module
  [ -r "$1/bin/java" ] && [ -r "$1/lib/modules" ] && [ -r "$1/release" ] \
    || fail "$1 is no Java runtime: it has no bin/java, lib/modules or release"
  archive_architecture "$1/bin/java" >/dev/null || fail "$1/bin/java is not for Linux on amd64 or arm64"
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [ "${version:-0}" -ge 25 ] || fail "$1 is Java ${version:-of an unknown version}; it must be 25 or later"
  modules=" $(sed -n 's/^MODULES="\(.*\)"/\1/p' "$1/release") "
  for module in ${archive_modules//,/ }; do
    [[ $modules = *" $module "* ]] || fail "$1 lacks the module $module"
  done
}

# What is native in the libraries, for the architecture $2 in place of $3; $1 is the folder of the programs.
archive_natives() {
  local build=$1 to from lib jar name group
  to=$(archive_classifier "$2") from=$(archive_classifier "$3")
  for lib in "$build"/*/lib; do
    for jar in "$lib"/*-"$from".jar; do
      [ -e "$jar" ] || continue
      name=${jar##*/}
      name=${name%-"$from".jar}
      case $name in
        netty-*) group=io.netty ;;
        AmazonCorretto*) group=software.amazon.cryptools ;;
        *) fail "$name is not known for another architecture" ;;
      esac
      maven -q dependency:copy -Dartifact="$group:${name%-*}:${name##*-}:jar:$to" -DoutputDirectory="$lib" >&2 \
        || fail "$name is not to be had for $to"
      rm "$jar"
    done
  done
  for jar in "$build"/*/weir-*.jar; do
    archive_class_path "$jar" "$from" "$to"
  done
}

# As Maven's repositories call an architecture.
archive_classifier() {
  case $1 in
    amd64) echo linux-x86_64 ;;
    arm64) echo linux-aarch_64 ;;
  esac
}

# Has the jar $1 name $3 in its class path where it named $2.
archive_class_path() {
  local manifest=$work/META-INF/MANIFEST.MF lines
  (cd "$work" && "$JAVA_HOME/bin/jar" --extract --file "$1" META-INF/MANIFEST.MF)
  lines=$(tr -d '\r' <"$manifest")
  lines=${lines//$'\n '/} # a line goes on in the next, behind a blank
  lines=$(sed -n '/^Class-Path: /p' <<<"$lines")
  fold -b -w 70 <<<"${lines//"$2"/"$3"}" | sed '2,$s/^/ /' >"$manifest"
  "$JAVA_HOME/bin/jar" --update --file "$1" --manifest "$manifest"
}

# Puts all of it into the folder $1, with the runtime $2; without one it is made.
archive_fill() {
  local into=$1 module jar
  if [ -n "$2" ]; then
    mkdir -p "$into/runtime"
    tar -C "$2" --exclude=./{jmods,include,man,demo,lib/src.zip} -cf - . | tar -C "$into/runtime" -xf -
    chmod 755 "$into/runtime/bin/java"
  else
    "$JAVA_HOME/bin/jlink" --add-modules "$archive_modules" --strip-java-debug-attributes --no-header-files \
      --no-man-pages --output "$into/runtime" || fail "jlink of $JAVA_HOME cannot make a runtime"
  fi
  mkdir -p "$into/programs/build" "$into/examples" "$into/scripts"
  for module in control-plane sidecar; do
    cp -Rp "$(programs)/$module" "$into/programs/build"
  done
  # What both need is there once.
  for jar in "$into"/programs/build/sidecar/lib/*; do
    ! cmp -s "$jar" "$into/programs/build/control-plane/lib/${jar##*/}" \
      || ln -f "$into/programs/build/control-plane/lib/${jar##*/}" "$jar"
  done
  ln -s build "$into/programs/current"
  cp -Rp "$home"/{weir,kubectl-weir,kubectl_complete-weir,LICENSE,charts,docs} "$into"
  cp -Rp "$home"/examples/{shop,bootstrap.yaml} "$into/examples"
  cp -Rp "$home"/scripts/{lib,run.sh,up.sh,completion.sh} "$into/scripts"
  own_version >"$into/version"
  # Whole seconds, as an archive has them: a cache is of the files that it was trained with.
  find "$into/programs" "$into/runtime/lib/modules" -exec touch -h -d "@$(date +%s)" {} +
}

# Its caches, of its own runtime and at its own place; they hold wherever it is unpacked.
archive_train() (
  home=$1
  export JAVA_HOME=$home/runtime
  programs=""
  . "$home/scripts/lib/programs.sh"
  . "$home/scripts/lib/aot.sh"
  aot_train
)

archive_wrong() {
  echo "weir archive: $1; see weir archive --help" >&2
  exit 2
}

archive_main() {
  local name file="" runtime="" here there
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) archive_usage; return ;;
      --runtime)
        [ $# -gt 1 ] || archive_wrong "--runtime: it needs a folder"
        runtime=$2
        shift ;;
      --runtime=*) runtime=${1#*=} ;;
      -*) archive_wrong "Unknown option: '$1'" ;;
      *)
        [ -z "$file" ] || archive_wrong "Unexpected argument: '$1'"
        file=$1 ;;
    esac
    shift
  done
  [ -z "$runtime" ] || archive_check_runtime "$runtime"
  build
  here=$(archive_architecture "$JAVA_HOME/bin/java") || fail "it is for Linux on amd64 or arm64, and $JAVA_HOME is not"
  there=$here
  [ -z "$runtime" ] || there=$(archive_architecture "$runtime/bin/java")
  name=$(own_version)
  name=weir-${name#weir }-linux-$there
  file=${file:-$home/target/$name.tar.gz}
  work=$(mktemp -d "${TMPDIR:-/tmp}/weir-archive.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  archive_fill "$work/$name" "$runtime"
  if [ "$there" = "$here" ]; then
    archive_train "$work/$name"
  else
    archive_natives "$work/$name/programs/build" "$there" "$here"
    echo "weir archive: without AOT caches, which only $there makes for itself" >&2
  fi
  tar -C "$work" --owner=0 --group=0 -czf "$file.part" "$name"
  mv "$file.part" "$file"
  echo "$file: $(du -h "$file" | cut -f1)"
}

archive_main "$@"
