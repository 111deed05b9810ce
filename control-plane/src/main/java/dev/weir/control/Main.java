package dev.weir.control;

import dev.weir.control.cli.Check;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ScopeType;

/** The control plane's command line. */
@Command(
    name = "weir control-plane",
    description = "Compile policies and stream them to sidecars.",
    mixinStandardHelpOptions = true,
    subcommands = {Check.class, HelpCommand.class},
    scope = ScopeType.LOCAL)
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Main()).execute(arguments));
  }
}
