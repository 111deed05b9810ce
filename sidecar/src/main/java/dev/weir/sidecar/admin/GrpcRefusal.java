package dev.weir.sidecar.admin;

/** Why a call of gRPC is not answered: a status of gRPC, and words to it. */
final class GrpcRefusal extends Exception {
  static final int INVALID_ARGUMENT = 3;
  static final int DEADLINE_EXCEEDED = 4;
  static final int RESOURCE_EXHAUSTED = 8;
  static final int UNIMPLEMENTED = 12;
  static final int INTERNAL = 13;
  static final int UNAVAILABLE = 14;

  private static final long serialVersionUID = 1;

  private final int status;

  GrpcRefusal(int status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  int status() {
    return status;
  }

  String message() {
    return String.valueOf(getMessage());
  }
}
