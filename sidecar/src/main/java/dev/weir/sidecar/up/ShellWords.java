package dev.weir.sidecar.up;

import java.util.ArrayList;
import java.util.List;

/** A command as one text: words as a shell would tell them apart, and nothing else of a shell. */
final class ShellWords {
  private ShellWords() {}

  /**
   * @throws IllegalArgumentException if a quote is not closed
   */
  static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean begun = false;
    char quote = 0;
    for (int at = 0; at < text.length(); at++) {
      char letter = text.charAt(at);
      if (letter == '\\' && quote != '\'' && at + 1 < text.length()) {
        at++;
        word.append(text.charAt(at));
        begun = true;
      } else if (quote != 0) {
        if (letter == quote) {
          quote = 0;
        } else {
          word.append(letter);
        }
      } else if (letter == '"' || letter == '\'') {
        quote = letter;
        begun = true;
      } else if (!Character.isWhitespace(letter)) {
        word.append(letter);
        begun = true;
      } else if (begun) {
        words.add(word.toString());
        word.setLength(0);
        begun = false;
      }
    }
    if (quote != 0) {
      throw new IllegalArgumentException("the quote " + quote + " is not closed");
    }
    if (begun) {
      words.add(word.toString());
    }
    return words;
  }
}
