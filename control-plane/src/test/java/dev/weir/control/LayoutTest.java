package dev.weir.control;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the packages of the control plane. */
@AnalyzeClasses(packages = "dev.weir.control", importOptions = DoNotIncludeTests.class)
class LayoutTest {
  @ArchTest
  static final ArchRule MODEL_KNOWS_JAVA_ALONE =
      classes()
          .that()
          .resideInAPackage("dev.weir.control.model..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", "org.jspecify.annotations", "dev.weir.control.model..");

  /** {@code compile.Extension} takes type URLs from the descriptors of Weir's own messages. */
  @ArchTest
  static final ArchRule PROTOBUF_FROM_THE_COMPILER_ON =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.weir.control.compile.xds",
              "dev.weir.control.snapshot..",
              "dev.weir.control.server..")
          .and()
          .doNotHaveFullyQualifiedName("dev.weir.control.compile.Extension")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "com.google.protobuf..", "io.envoyproxy..", "dev.weir.protos.extensions..");

  @ArchTest
  static final ArchRule GRPC_IN_THE_SERVER =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.weir.control", "dev.weir.control.server..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.grpc..");

  @ArchTest
  static final ArchRule POLICY_KNOWS_THE_MODEL_ALONE =
      classes()
          .that()
          .resideInAPackage("dev.weir.control.policy")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "org.jspecify.annotations",
              "dev.weir.control.model..",
              "dev.weir.control.policy");

  @ArchTest
  static final ArchRule COMPILER_KNOWS_NO_SOURCE =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.weir.control.compile..",
              "dev.weir.control.snapshot..",
              "dev.weir.control.server..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.weir.control.source..", "dev.weir.control.link");

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching("dev.weir.control.(**)").should().beFreeOfCycles();
}
