package dev.weir.control.token;

/** Knows who has a token. Any thread; it may wait for an answer. */
public interface Holders {
  /** Who has a token, which is as it came. */
  Holder holder(String text) throws WrongToken;
}
