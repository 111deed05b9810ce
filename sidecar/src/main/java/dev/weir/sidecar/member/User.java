package dev.weir.sidecar.member;

import java.util.List;

/** Who asked for the member: the app runs as that user, also where that is root in here. */
record User(int uid, int gid) {
  /** The words before a command that is to be that user's. */
  List<String> become() {
    return uid == 0
        ? List.of()
        : List.of("unshare", "--user", "--map-user=" + uid, "--map-group=" + gid, "--");
  }
}
