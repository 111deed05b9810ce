package dev.weir.demo;

import dev.weir.cli.Options;
import dev.weir.cli.Program;
import dev.weir.cli.Values;
import dev.weir.cli.Version;
import dev.weir.cli.WrongUsage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;

/**
 * What {@code scripts/demo.sh} says.
 *
 * @param work the demo's folder
 * @param mesh the mesh's runtime folder
 * @param story where the lines for people go
 * @param screen how they are shown
 * @param json where the figures go
 * @param fast be brief
 * @param hold keep the shop open at the end
 * @param live no story: some of its scenes, again and again
 */
record Arguments(
    Path work,
    Path mesh,
    Path story,
    Teller.Screen screen,
    Optional<Path> json,
    boolean fast,
    boolean hold,
    boolean live) {
  static Program program() {
    return new Program(
        "story",
        "Plays the scenes of weir demo, as the member shopper.",
        new Version("weir demo", Main.class),
        List.of(
            value("work", "DIR").required().desc("The demo's folder.").get(),
            value("mesh", "DIR").required().desc("The mesh's runtime folder.").get(),
            value("story", "FILE").required().desc("Where the lines for people go.").get(),
            value("json", "FILE").desc("Where the figures go.").get(),
            Options.flag("fast", "Be brief."),
            Options.flag("hold", "Keep the shop open at the end."),
            Options.flag("live", "No story: some of its scenes, again and again."),
            Options.flag("colours", "Use them."),
            value("width", "N")
                .desc("The lines go to a terminal of that width, whose last line is live.")
                .get()),
        List.of(),
        List.of());
  }

  private static Option.Builder value(String name, String value) {
    return Option.builder().longOpt(name).argName(value).hasArg();
  }

  static Arguments of(Values values) throws WrongUsage {
    return new Arguments(
        Path.of(values.required("work")),
        Path.of(values.required("mesh")),
        Path.of(values.required("story")),
        new Teller.Screen(values.given("colours"), values.integer("width").orElse(0)),
        values.path("json"),
        values.given("fast"),
        values.given("hold"),
        values.given("live"));
  }
}
