#!/bin/sh
# Collects what programs need of the system, in the image of one, and nothing else: no shell, no package manager.
#
#   system.sh INTO FOLDER [PROGRAM...]
#
# FOLDER's programs and libraries stay where they are; PROGRAM comes with them, and the libraries of all.
set -eu

into=$1 folder=$2
shift 2
mkdir -p "$into/etc/ssl/certs" "$into/tmp"
chmod 1777 "$into/tmp"
cat >"$into/etc/passwd" <<'TEXT'
root:x:0:0:root:/:/nologin
weir:x:1337:1337:weir:/:/nologin
nonroot:x:65532:65532:nonroot:/:/nologin
TEXT
printf 'root:x:0:\nweir:x:1337:\nnonroot:x:65532:\n' >"$into/etc/group"
echo 'hosts: files dns' >"$into/etc/nsswitch.conf"
cp -L /etc/ssl/certs/ca-certificates.crt "$into/etc/ssl/certs/"

{
  find "$folder" -type f \( -name '*.so' -o -path '*/bin/*' \) -exec ldd {} + 2>/dev/null || true
  for program; do
    command -v "$program"
    ldd "$(command -v "$program")"
  done
} | grep -oE '/[^ :]+' | grep -v "^$folder" | sort -u | while read -r file; do
  mkdir -p "$into$(dirname "$file")"
  cp -L "$file" "$into$file"
done
