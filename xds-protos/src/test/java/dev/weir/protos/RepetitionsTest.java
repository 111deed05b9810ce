package dev.weir.protos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What RE2 in Go refuses as an invalid repeat count; it was asked for each of these. */
class RepetitionsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "((a{100}){100})",
        "((a{1000}){1000}){1000}",
        "/((a{1000}){1000})N",
        "(a{2}b{40}){26}",
        "(?:(?:x{2,}){501})",
        "((a{0,1000})*){2}",
        "(\\{{1000}){2}",
        "([{]{500}){3}",
        "(\\Q{1}\\E{1000}){2}",
        "a{1001}"
      })
  void partsThatAreRepeatedTooOftenAreFound(String expression) {
    assertEquals(true, Repetitions.tooMany(expression));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/a/[^/]+",
        "a{1000}",
        "a{1000}b{1000}",
        "(a{10}){100}",
        "(a{10})+(b{1000})",
        "\\{1000}{2}",
        "[{1000}]{2}{2}",
        "\\Q{1000}\\E{2}",
        "\\x{2000}{2}",
        "\\p{Greek}{1000}",
        "{2000",
        "(a{0}){1000}",
        "((((((((((a{2}){2}){2}){2}){2}){2}){2}){2}){2})",
        ")){9}"
      })
  void othersAreNot(String expression) {
    assertEquals(false, Repetitions.tooMany(expression));
  }
}
