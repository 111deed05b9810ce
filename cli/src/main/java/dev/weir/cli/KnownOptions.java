package dev.weir.cli;

import java.util.List;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;

/**
 * A program's options as commons-cli is to see them: one dash is for a letter, two are for a name.
 */
final class KnownOptions extends Options {
  private static final long serialVersionUID = 1;

  KnownOptions(List<Option> options) {
    options.forEach(this::addOption);
  }

  /** By the library's own count a name without a letter is short. */
  @Override
  public boolean hasShortOption(String letter) {
    return letter.length() == 1 && super.hasShortOption(letter);
  }

  /** By the library's own count {@code -config} is {@code --config}. */
  @Override
  public boolean hasLongOption(String name) {
    return name.startsWith("--") && super.hasLongOption(name);
  }

  /** None: what is missing is said after what is not known, which may be it, misspelt. */
  @Override
  public List<?> getRequiredOptions() {
    return List.of();
  }

  /** {@code -cFILE} as {@code --config=FILE}: the library would look for an = within FILE. */
  String apart(String word) {
    if (word.length() < 3 || word.charAt(0) != '-' || word.charAt(1) == '-') {
      return word;
    }
    Option option = getOption(word.substring(1, 2));
    return option == null || !option.hasArg()
        ? word
        : "--" + option.getLongOpt() + "=" + word.substring(word.charAt(2) == '=' ? 3 : 2);
  }
}
