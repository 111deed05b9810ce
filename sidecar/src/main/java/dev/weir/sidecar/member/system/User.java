package dev.weir.sidecar.member.system;

import java.util.List;

/** Who asked for the member: the app runs as that user, also where that is root in here. */
public record User(int uid, int gid) {
  /** The words before a command that is to be that user's. */
  public List<String> become() {
    return uid == 0
        ? List.of()
        : List.of("unshare", "--user", "--map-user=" + uid, "--map-group=" + gid, "--");
  }
}
