package dev.weir.protos;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the packages of the wire. */
@AnalyzeClasses(packages = "dev.weir.protos", importOptions = DoNotIncludeTests.class)
class LayoutTest {
  @ArchTest
  static final ArchRule YAML_KNOWS_NO_PROTO =
      noClasses()
          .that()
          .resideInAPackage("dev.weir.protos.yaml..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.google.protobuf..", "io.envoyproxy..");

  @ArchTest
  static final ArchRule GRPC_IS_FOR_WHO_SPEAKS_IT =
      noClasses().should().dependOnClassesThat().resideInAnyPackage("io.grpc..");

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching("dev.weir.protos.(**)").should().beFreeOfCycles();
}
