# Finds a JDK to build and run with; sourced by what has a function fail.

# The major version of a JDK's home, empty if it is none.
major() {
  [ -x "$1/bin/javac" ] && sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null || true
}

find_jdk() {
  local candidate on_path=""
  # An archive has its own.
  if [ -x "$home/runtime/bin/java" ]; then
    export JAVA_HOME=$home/runtime
    return
  fi
  if command -v javac >/dev/null; then
    on_path=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
  fi
  for candidate in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* /opt/*jdk* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
    [ -n "$candidate" ] || continue
    if [ "$(major "$candidate")" -ge 25 ] 2>/dev/null; then
      export JAVA_HOME=$candidate
      return
    fi
  done
  fail "needs a JDK 25 or later and found none; install one (Debian: apt-get install openjdk-25-jdk, or Temurin), or set JAVA_HOME"
}
