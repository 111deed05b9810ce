# ./weir archive [FILE]: an archive of the programs, the charts and a Java runtime, for machines without a JDK. Sourced by
# the launcher.
#
#   weir, kubectl-weir, kubectl_complete-weir    as in a checkout, without demo, bench and verify
#   charts, docs, examples
#   programs                                     lib/programs.sh
#   runtime                                      what jlink makes of this JDK
#
# A runtime is of one system and architecture: those of the JDK that it is made with.

archive_modules=java.base,java.logging,java.naming,java.net.http,java.sql,jdk.httpserver,jdk.jfr,jdk.unsupported

archive_usage() {
  cat <<'TEXT'
Usage: weir archive [FILE]
Writes an archive of Weir with a Java runtime of its own, for the system and the architecture that this is.

      FILE   Where to (default: target/weir-VERSION-SYSTEM-ARCHITECTURE.tar.gz).

Exit status: 0: done; 1: it could not be done; 2: wrong usage.
TEXT
}

archive_architecture() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64 | arm64) echo arm64 ;;
    *) uname -m ;;
  esac
}

# Puts all of it into the folder $1.
archive_fill() {
  local into=$1 module jar
  "$JAVA_HOME/bin/jlink" --add-modules "$archive_modules" --strip-java-debug-attributes --no-header-files \
    --no-man-pages --output "$into/runtime" || fail "jlink of $JAVA_HOME cannot make a runtime"
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

archive_main() {
  local name file
  case "${1-}:$#" in
    --help:1 | -h:1) archive_usage; return ;;
    -*) echo "weir archive: Unknown option: '$1'; see weir archive --help" >&2; exit 2 ;;
    *:0 | *:1) ;;
    *) echo "weir archive: Unexpected argument: '$2'; see weir archive --help" >&2; exit 2 ;;
  esac
  build
  name=$(own_version)
  name=weir-${name#weir }-$(uname -s | tr '[:upper:]' '[:lower:]')-$(archive_architecture)
  file=${1:-$home/target/$name.tar.gz}
  work=$(mktemp -d "${TMPDIR:-/tmp}/weir-archive.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  archive_fill "$work/$name"
  archive_train "$work/$name"
  tar -C "$work" --owner=0 --group=0 -czf "$file.part" "$name"
  mv "$file.part" "$file"
  echo "$file: $(du -h "$file" | cut -f1)"
}

archive_main "$@"
