package dev.weir.sidecar.member;

/** A service of the mesh, and where it is called. */
record Service(String namespace, String name, String address) {
  String fullName() {
    return namespace + "/" + name;
  }
}
