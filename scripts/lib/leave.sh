#!/usr/bin/env bash
# Takes the folder $1 of a member that has ended away, and waits, if it was the last one, until the mesh is gone.
# Whoever calls it has let go of its locks.
set -uo pipefail
trap '' INT TERM HUP
. "$(dirname "$0")/mesh.sh"
# The mesh may have been taken away by hand, and what was in it.
member=$1
mesh=${member%/members/*}
exec 6>&- 7>&-
if mesh_lock "$mesh" -w 10; then
  rm -rf "$member"
fi
mesh_leave
