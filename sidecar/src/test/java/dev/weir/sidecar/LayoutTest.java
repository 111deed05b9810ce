package dev.weir.sidecar;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the packages of the sidecar, as docs/architecture.md draws them. */
@AnalyzeClasses(packages = "dev.weir.sidecar", importOptions = DoNotIncludeTests.class)
class LayoutTest {
  @ArchTest
  static final ArchRule CONFIG_KNOWS_JAVA_ALONE =
      classes()
          .that()
          .resideInAPackage("dev.weir.sidecar.config..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", "org.jspecify.annotations", "dev.weir.sidecar.config..");

  @ArchTest
  static final ArchRule FILTER_CONFIGS_KNOW_JAVA_AND_CONFIG_ALONE =
      classes()
          .that()
          .resideInAPackage("dev.weir.sidecar.filter.http..")
          .and()
          .areAssignableTo(dev.weir.sidecar.config.FilterConfig.class)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "org.jspecify.annotations",
              "dev.weir.sidecar.config..",
              "dev.weir.sidecar.filter.http..");

  @ArchTest
  static final ArchRule PROTOBUF_ON_THE_CONFIGURATION_SIDE_ALONE =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.weir.sidecar.xds..",
              "dev.weir.sidecar.resource..",
              "dev.weir.sidecar.bootstrap",
              "dev.weir.sidecar.identity",
              "dev.weir.sidecar.authz",
              "dev.weir.sidecar.admin",
              "dev.weir.sidecar.accesslog.grpc", // the messages themselves, on the queue's thread
              "dev.weir.sidecar.metrics", // MetricsMessages, when a scrape asks for it
              "dev.weir.sidecar.telemetry.summary")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "com.google.protobuf..",
              "io.envoyproxy..",
              "io.opentelemetry.proto..",
              "dev.weir.protos.extensions..",
              "dev.weir.protos.service..");

  @ArchTest
  static final ArchRule NETTY_RIGHT_OF_THE_SNAPSHOT =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.weir.sidecar.xds..",
              "dev.weir.sidecar.resource..",
              "dev.weir.sidecar.bootstrap",
              "dev.weir.sidecar.snapshot")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.netty..");

  @ArchTest
  static final ArchRule ONLY_THE_ROUTER_SEES_CLUSTERS =
      noClasses()
          .that()
          .resideInAPackage("dev.weir.sidecar.filter.http..")
          .and()
          .resideOutsideOfPackage("dev.weir.sidecar.filter.http.router")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.weir.sidecar.cluster..", "dev.weir.sidecar.pool", "dev.weir.sidecar.upstream");

  @ArchTest
  static final ArchRule NO_FILTER_KNOWS_ANOTHER =
      slices()
          .matching("dev.weir.sidecar.filter.http.(*)..")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(
              com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage("..router"),
              com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith("Config"));

  @ArchTest
  static final ArchRule NO_GRPC_LIBRARY =
      noClasses().should().dependOnClassesThat().resideInAnyPackage("io.grpc..");

  @ArchTest
  static final ArchRule OPENTELEMETRY_WHERE_TELEMETRY_IS_SENT =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.weir.sidecar.accesslog.otlp",
              "dev.weir.sidecar.metrics.otlp",
              "dev.weir.sidecar.telemetry.otlp",
              "dev.weir.sidecar.telemetry.trace")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.opentelemetry.api..",
              "io.opentelemetry.common..",
              "io.opentelemetry.exporter..",
              "io.opentelemetry.sdk..");

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching("dev.weir.sidecar.(**)").should().beFreeOfCycles();
}
