# The programs as they are run: copies of what the last build made. What runs loads a class when it first needs it,
# the last ones when it ends; a build that wrote over its jars would take them away. Sourced by ./weir, which sets home.
#
#   target/programs/BUILD/MODULE/weir-MODULE-*.jar   and what it needs, in lib
#   target/programs/BUILD/MODULE.aot                 its AOT cache: lib/aot.sh
#   target/programs/current                          leads to the last BUILD

programs_folder=$home/target/programs
[ ! -d "$home/programs" ] || programs_folder=$home/programs # an archive's: lib/archive.sh
programs_modules="sidecar control-plane demo"
programs=""

# Where those are that are run.
programs() {
  echo "${programs:-$(readlink -f "$programs_folder/current")}"
}

# Copies what was built, and sets programs to where. Only who builds calls this, who has the lock.
programs_copy() {
  local module jar
  programs=$programs_folder/$(date +%Y%m%d-%H%M%S)-$$
  for module in $programs_modules; do
    mkdir -p "$programs/$module/lib"
    cp -p "$home/$module/target/weir-$module"-*.jar "$programs/$module"
    for jar in "$home/$module/target/lib"/*.jar; do
      # What is not ours is never written over: another name for it is enough.
      case ${jar##*/} in
        weir-*) cp -p "$jar" "$programs/$module/lib" ;;
        *) ln "$jar" "$programs/$module/lib" 2>/dev/null || cp -p "$jar" "$programs/$module/lib" ;;
      esac
    done
  done
}

# From here on those that were copied are run. The ones before are kept for who is about to start them, and older ones
# as long as somebody runs them.
programs_switch() {
  local before build
  before=$(readlink -f "$programs_folder/current" || true)
  ln -sfn "${programs##*/}" "$programs_folder/current"
  for build in "$programs_folder"/*-*; do
    case $build in "$programs" | "$before") continue ;; esac
    programs_run "$build" || rm -rf "$build"
  done
}

# Whether somebody runs those of the build $1.
programs_run() {
  if [ -r /proc/self/cmdline ]; then
    grep -qsF -- "$1/" /proc/[0-9]*/cmdline
  else
    [[ $(ps -axww -o args) == *"$1/"* ]]
  fi
}
