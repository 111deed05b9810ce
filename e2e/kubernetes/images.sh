#!/usr/bin/env bash
# Builds container images without a registry, from Debian's packages and the JDK that is here, and writes each as an
# archive of its own, whose paths are the last lines printed. One that is there and fits what it is made from is left.
#
#   images.sh [IMAGE...]      all of them, unless named: sidecar, control-plane, and for tests pause, tools, python,
#                             node, go; and gateway, if named
#
# Weir's are weir-sidecar and weir-control-plane with the project's version, after their Dockerfiles; the jars are
# built first if need be. The tests' are weir-test/IMAGE:dev, of apps/Dockerfile; gateway has the name that Gateway API's
# conformance suite gives to the image of its pods. They are put into target/images; what
# they begin with is kept for all checkouts in WEIR_IMAGES (~/.cache/weir-k8s/images). Needs root, Debian's buildah, and
# for the first of them some minutes.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(cd "$here/../.." && pwd)
out=$home/target/images
store=${WEIR_IMAGES:-$HOME/.cache/weir-k8s/images}

fail() {
  echo "images.sh: $*" >&2
  exit 1
}

. "$home/scripts/lib/jdk.sh"

need() {
  local tool packages=()
  for tool; do
    command -v "${tool%%:*}" >/dev/null || packages+=("${tool#*:}")
  done
  [ ${#packages[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "needs ${packages[*]}, by the names of Debian's packages"
  echo "images.sh: installing ${packages[*]}" >&2
  timeout 600 apt-get install -y -q "${packages[@]}" >/dev/null 2>&1 \
    || { timeout 300 apt-get update -q >/dev/null && timeout 600 apt-get install -y -q "${packages[@]}" >/dev/null; } \
    || fail "apt-get cannot install ${packages[*]}"
}

builder() {
  timeout 900 buildah --root "$store/root" --runroot "$store/run" --storage-driver overlay "$@"
}

# Debian's base, as its image of that name has it, once.
base() {
  ! builder inspect --type image localhost/debian:trixie >/dev/null 2>&1 || return 0
  need mmdebstrap:mmdebstrap
  echo "images.sh: making Debian's base" >&2
  mkdir -p "$store/debian"
  timeout 600 mmdebstrap --quiet --variant=apt trixie "$store/debian/base.tar" \
    || fail "cannot make Debian's base; see above"
  printf 'FROM scratch\nADD base.tar /\n' >"$store/debian/Dockerfile"
  build localhost/debian:trixie "$store/debian"
  rm -r "$store/debian"
}

# The JDK that builds the jars, on that base.
jdk() {
  find_jdk
  jdk=localhost/jdk:$(sha256sum "$JAVA_HOME/release" | cut -c1-12)
  ! builder inspect --type image "$jdk" >/dev/null 2>&1 || return 0
  base
  # Some of its files may be links to elsewhere.
  mkdir -p "$store/jdk"
  cp -rL "$JAVA_HOME" "$store/jdk/jdk"
  printf 'FROM localhost/debian:trixie\nCOPY jdk /opt/jdk\nENV JAVA_HOME=/opt/jdk\n' >"$store/jdk/Dockerfile"
  build "$jdk" "$store/jdk"
  rm -r "$store/jdk"
}

# build NAME WORD...: what buildah is told besides.
build() {
  local name=$1 log=$store/log
  shift
  builder build --isolation chroot --layers --pull-never -t "$name" "$@" >"$log" 2>&1 \
    || { tail -n 40 "$log" >&2; fail "$name cannot be built; see above"; }
}

# Writes the image $1 as the archive $2.
archive() {
  builder push -q "$1" "docker-archive:$2.new:$1" >"$store/log" 2>&1 || { cat "$store/log" >&2; fail "$1 cannot be written"; }
  mv "$2.new" "$2"
}

# What an image is made from: the names and contents of the files $2..., and the text $1.
fingerprint() {
  local text=$1
  shift
  { echo "$text" && find "$@" -type f -print0 | sort -z | xargs -0 sha256sum; } | sha256sum | cut -c1-16
}

# Makes the image $1 of name $2 by the command $4..., unless it is there already from what $3 stands for.
make() {
  local image=$1 name=$2 print=$3 tar=$out/$1.tar begun=$SECONDS
  shift 3
  if [ ! -e "$tar" ] || [ "$(cat "$out/$image.made" 2>/dev/null)" != "$print $name" ]; then
    echo "$image: building" >&2
    rm -f "$tar"
    "$@" "$name"
    archive "$name" "$tar"
    builder rmi --prune -f >/dev/null 2>&1 || true # the stages on the way to it, which are big
    echo "$print $name" >"$out/$image.made"
    echo "$image: $name built in $((SECONDS - begun)) s, $(du -m "$tar" | cut -f1) MiB" >&2
  fi
  made+=("$tar")
}

# The image of a program of Weir's, $1.
program() {
  local version
  version=$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' "$home/pom.xml")
  "$home/weir" "$1" --help >/dev/null || fail "the jars cannot be built; see above"
  find_jdk
  make "$1" "weir-$1:${version%-SNAPSHOT}" \
    "$(cd "$home" && fingerprint "$(cat "$JAVA_HOME/release")" .dockerignore "$1/Dockerfile" scripts/image scripts/lib/{aot,jvm}.sh examples/shop \
      {sidecar,control-plane}/target/{lib,weir-*.jar})" build_program "$1"
}

build_program() {
  base
  jdk
  build "$2" -f "$home/$1/Dockerfile" --build-arg JDK="$jdk" --build-arg BASE=localhost/debian:trixie "$home"
}

# The image of a test, $1.
app() {
  make "$1" "weir-test/$1:dev" "$(cd "$here" && fingerprint "" apps)" build_app "$1"
}

# The image of the conformance suite's pods, whose programs are built first if need be.
gateway() {
  local said
  said=$("$here/build.sh" gateway-conformance echo-server echo-client) || fail "the suite cannot be built; see above"
  programs=${said##*$'\n'}
  make gateway "$(cat "$programs/gateway-image")" \
    "$(cd "$here" && fingerprint "" apps "$programs"/echo-{server,client})" build_app gateway
}

# The server's certificate, which nobody looks at.
certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=echo \
    -keyout "$1/cert.key" -out "$1/cert.crt" 2>/dev/null
  chmod 644 "$1/cert.key"
}

build_app() {
  local context=$store/apps
  mkdir -p "$context"
  cp "$here"/apps/* "$context"
  case $1 in
    gateway)
      cp "$programs"/echo-{server,client} "$context"
      certificate "$context" ;;
    pause)
      need busybox:busybox-static
      cp "$(command -v busybox)" "$context/busybox" ;;
    tools | python | node) base ;;
    go) CGO_ENABLED=0 timeout 300 go build -trimpath -ldflags "-s -w" -o "$context/echo" "$context"/*.go \
      || fail "apps/*.go cannot be compiled; they need Go 1.25 or later" ;;
  esac
  build "$2" --target "$1" --build-arg BASE=localhost/debian:trixie "$context"
  rm -r "$context"
}

[ "$(id -u)" = 0 ] || fail "needs root: the layers of an image belong to it"
need buildah:buildah
mkdir -p "$out" "$store"
exec 9>"$store/lock"
flock -w 1800 9 || fail "another one is at work"
[ $# -gt 0 ] || set -- sidecar control-plane pause tools python node go
made=()
for image; do
  case $image in
    sidecar | control-plane) program "$image" ;;
    pause | tools | python | node | go) app "$image" ;;
    gateway) gateway ;;
    *) fail "\"$image\" is none of its images; see the head of $0" ;;
  esac
done
printf '%s\n' "${made[@]}"
