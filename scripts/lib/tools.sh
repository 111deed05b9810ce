# What the mesh's scripts need of the system: programs, and the right to make namespaces.

# Installs what is missing where it can, else says how.
need_tools() {
  local missing=() packages=() tool
  for tool in ip:iproute2 nft:nftables unshare:util-linux nsenter:util-linux setpriv:util-linux flock:util-linux; do
    if ! command -v "${tool%%:*}" >/dev/null; then
      missing+=("${tool%%:*}")
      packages+=("${tool#*:}")
    fi
  done
  if [ ${#missing[@]} -gt 0 ]; then
    install_packages "${missing[*]}" "${packages[@]}"
  fi
  need_namespaces
}

install_packages() {
  local what=$1
  shift
  local command="apt-get install -y $*"
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    fail "$what not found; install it (Debian: sudo $command)"
  fi
  echo "weir: installing $*" >&2
  $command >/dev/null 2>&1 || { apt-get update && $command; } >/dev/null 2>&1 \
    || fail "$what not found, and \"$command\" failed; run it to see why"
}

# The flags of unshare for namespaces of one's own: without root, in a user namespace.
own_namespaces() {
  if [ "$(id -u)" = 0 ]; then echo "-nm"; else echo "-Urnm"; fi
}

need_namespaces() {
  local said
  said=$(unshare "$(own_namespaces)" true 2>&1) && return
  if [ "$(id -u)" = 0 ]; then
    fail "may not make namespaces here (${said#unshare: }); in a container, start it with --privileged or --cap-add SYS_ADMIN --cap-add NET_ADMIN"
  fi
  fail "users may not make namespaces here (${said#unshare: }); allow it (sudo sysctl -w user.max_user_namespaces=10000 kernel.apparmor_restrict_unprivileged_userns=0), or run as root"
}
