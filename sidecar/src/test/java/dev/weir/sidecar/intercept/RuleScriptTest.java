package dev.weir.sidecar.intercept;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleScriptTest {
  @TempDir Path folder;

  private record Ran(int status, String out, String err) {}

  private static Ran run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status = Main.run(arguments, new PrintStream(out), new PrintStream(err));
    return new Ran(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void theDefaultRulesRedirectBothWaysAndLetTheSidecarPass() {
    assertEquals(
        """
        table inet weir
        delete table inet weir
        table inet weir {
          chain output {
            type nat hook output priority -100; policy accept;
            meta l4proto != tcp return
            meta nfproto != ipv4 return
            ip saddr 127.0.0.6 return
            meta mark 1337 oifname "lo" ip daddr != 127.0.0.0/8 meta l4proto tcp redirect to :15006
            meta mark 1337 oifname "lo" ip6 daddr != ::1 meta l4proto tcp redirect to :15006
            meta mark 1337 return
            ip daddr 127.0.0.0/8 return
            ip6 daddr ::1 return
            meta l4proto tcp redirect to :15001
          }
          chain prerouting {
            type nat hook prerouting priority dstnat; policy accept;
            meta l4proto != tcp return
            meta nfproto != ipv4 return
            iifname "lo" return
            tcp dport 15000 return
            meta l4proto tcp redirect to :15006
          }
          chain input {
            type filter hook input priority filter; policy accept;
            ct status dnat return
            ct direction reply return
            tcp dport { 15001, 15006 } reject with tcp reset
          }
        }
        """,
        run("--dry-run").out());
  }

  @Test
  void exclusionsStandBeforeTheRedirect() {
    String script =
        run(
                "--dry-run",
                "--family=dual",
                "--exclude-outbound-port=22,9000-9010",
                "--exclude-outbound-cidr=10.0.0.0/8,fd00::/8",
                "--exclude-inbound-port=9090",
                "--exclude-inbound-cidr=192.168.7.1")
            .out();

    assertTrue(
        script.contains(
            """
                tcp dport 22 return
                tcp dport 9000-9010 return
                ip daddr 10.0.0.0/8 return
                ip6 daddr fd00:0:0:0:0:0:0:0/8 return
                meta l4proto tcp redirect to :15001
            """
                .indent(0)),
        script);
    assertTrue(
        script.contains(
            """
                tcp dport 9090 return
                ip saddr 192.168.7.1/32 return
                meta l4proto tcp redirect to :15006
            """
                .indent(0)),
        script);
    assertTrue(!script.contains("nfproto"), script);
  }

  /** As in a pod, where the sidecar may not mark what is its own. */
  @Test
  void sidecarIsKnownByItsUserWhereItIsSaidWhich() {
    String script = run("--dry-run", "--user=1337").out();
    assertTrue(
        script.contains(
            """
                meta skuid 1337 oifname "lo" ip daddr != 127.0.0.0/8 meta l4proto tcp redirect to :15006
                meta skuid 1337 oifname "lo" ip6 daddr != ::1 meta l4proto tcp redirect to :15006
                meta skuid 1337 return
            """
                .indent(0)),
        script);
    assertTrue(!script.contains("mark"), script);
  }

  @Test
  void removalRemovesWhetherOrNotThereIsAnything() {
    assertEquals("table inet weir\ndelete table inet weir\n", run("--remove", "--dry-run").out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--exclude-outbound-port=0     | 0-0: ports go from 1 to 65535, the smaller one first",
        "--exclude-outbound-port=ssh   | \"ssh\" is not a port or ports, as 22 or 9000-9010",
        "--exclude-inbound-port=9-8    | 9-8: ports go from 1 to 65535, the smaller one first",
        "--exclude-inbound-cidr=host/8 | \"host/8\" is not an address range, as 10.0.0.0/8 or fd00::/8",
        "--exclude-outbound-cidr=10.0.0.0/33 | the prefix length must be from 0 to 32",
        "--outbound-port=70000         | --outbound-port: 70000 is not a port, from 1 to 65535",
        "--inbound-port=15001          | --inbound-port: 15001 is the outbound port already",
        "--mark=0                      | --mark: 0 is not from 1 to 4294967295",
        "--user=0                      | --user: 0 is not from 1 to 4294967295",
        "--user=1337 --mark=7          | --user: the sidecar is known by --mark already; leave out one",
        "--nonsense                    | Unknown option: '--nonsense'",
      })
  void whatIsWrongIsSaidInALine(String arguments, String problem) {
    Ran ran = run(("--dry-run " + arguments).split(" "));

    assertEquals(2, ran.status());
    assertTrue(ran.err().contains(problem), ran.err());
    assertEquals(1, ran.err().lines().count(), ran.err());
  }

  @Test
  void aMissingNamespaceIsNamed() throws Exception {
    Path missing = folder.resolve("none");

    Optional<String> problem = new Nft("nft", Optional.of(missing)).apply(RuleScript.remove());

    assertTrue(problem.orElseThrow().startsWith(missing + ": no such network namespace"));
  }

  @Test
  void aMissingNftComesWithTheCommandThatInstallsIt() throws Exception {
    Optional<String> problem =
        new Nft(folder.resolve("nft").toString(), Optional.empty()).apply(RuleScript.remove());

    assertEquals(
        "nft is not installed; install it (Debian: apt-get install nftables)",
        problem.orElseThrow());
  }

  /** Who waits for the rules of one pod would wait for those of all. */
  @Test
  void nftThatDoesNotEndIsEnded() throws Exception {
    Path endless = Files.writeString(folder.resolve("nft"), "#!/bin/sh\nexec sleep 600\n");
    Files.setPosixFilePermissions(endless, PosixFilePermissions.fromString("rwx------"));

    Optional<String> problem =
        new Nft(endless.toString(), Optional.empty(), Duration.ofMillis(50))
            .apply(RuleScript.remove());

    assertEquals(
        "nft was killed: it had not written the rules after 50 ms, or there is no memory left",
        problem.orElseThrow());
  }
}
