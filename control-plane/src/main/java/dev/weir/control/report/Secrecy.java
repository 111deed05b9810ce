package dev.weir.control.report;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Takes out of a text what nobody else is to know: private keys, tokens, passwords. What a program
 * writes is not meant to have any; this is for what got there all the same.
 */
final class Secrecy {
  private static final String GONE = "[redacted]";

  /** What is put in the place of what. */
  private record Secret(Pattern pattern, String instead) {}

  /** None of them looks at a text twice, however long it is. */
  private static final List<Secret> SECRETS =
      List.of(
          new Secret(
              Pattern.compile(
                  "-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----.*?(-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|\\z)",
                  Pattern.DOTALL),
              GONE),
          // JSON Web Tokens, of service accounts and others.
          new Secret(
              Pattern.compile("eyJ[A-Za-z0-9_-]{8,4096}+\\.[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]*)*"),
              GONE),
          // A PEM of a private key within base64, as a Secret has it.
          new Secret(Pattern.compile("LS0tLS1CRUdJTi[A-Za-z0-9+/=]{20,}"), GONE),
          new Secret(
              Pattern.compile("(?i)\\b(bearer|basic)(\\s+)[A-Za-z0-9._~+/=-]{8,}"), "$1$2" + GONE),
          // The private parts of a JSON Web Key, and the whole of a symmetric one.
          new Secret(
              Pattern.compile("(\\\\?\"(?:d|p|q|dp|dq|qi|k)\\\\?\"\\s*:\\s*\\\\?\")[^\"\\\\]+"),
              "$1" + GONE),
          new Secret(
              Pattern.compile(
                  "(?i)((?:password|passwd|secret[_-]?key|client[_-]?secret"
                      + "|api[_-]?key|access[_-]?token)\\\\?[\"']?\\s{0,8}[:=]\\s*\\\\?[\"']?)"
                      + "[^\\s\"'\\\\,;]+"),
              "$1" + GONE),
          new Secret(
              Pattern.compile("(://[^/\\s:@\"']{1,256}:)[^/\\s@\"']{1,256}@"), "$1" + GONE + "@"));

  private Secrecy() {}

  static String without(String text) {
    String rest = text;
    for (Secret secret : SECRETS) {
      rest = secret.pattern().matcher(rest).replaceAll(secret.instead());
    }
    return rest;
  }
}
