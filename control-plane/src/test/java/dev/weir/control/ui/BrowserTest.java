package dev.weir.control.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.traffic.MeshEvent;
import dev.weir.control.traffic.Reporter;
import dev.weir.control.ui.looker.UiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** The live page in a real browser. */
@Tag("browser")
@Tag("slow")
class BrowserTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: %s, namespace: shop}
      spec: {ports: [{name: http, port: 8080}]}
      ---
      """;

  private static final String POLICY =
      """
      apiVersion: weir.dev/v1alpha1
      kind: ResiliencePolicy
      metadata: {name: cart, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: cart}]
        circuitBreaker: {scope: Service, trip: {consecutiveFailures: 5}}
      """;

  private static final String SHOP =
      SERVICE.formatted("web") + SERVICE.formatted("cart") + SERVICE.formatted("stock") + POLICY;

  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir Path folder;
  private Optional<TestUi> ui = Optional.empty();
  private Optional<ChromeDriver> chrome = Optional.empty();

  @AfterEach
  void stop() {
    chrome.ifPresent(ChromeDriver::quit);
    ui.ifPresent(TestUi::close);
  }

  private TestUi mesh(String yaml) throws IOException {
    return mesh(yaml, Map.of());
  }

  private TestUi mesh(String yaml, Map<String, Page> more) throws IOException {
    TestUi started = new TestUi(folder, yaml, InstantSource.system(), more);
    ui = Optional.of(started);
    return started;
  }

  private ChromeDriver browser(int width, int height, boolean dark) {
    ChromeOptions options = new ChromeOptions();
    options.setBinary("/usr/bin/chromium");
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking");
    if (dark) {
      options.addArguments("--blink-settings=preferredColorScheme=0");
    }
    ChromeDriver driver =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(Path.of("/usr/bin/chromedriver").toFile())
                .usingAnyFreePort()
                .build(),
            options);
    chrome = Optional.of(driver);
    driver.manage().window().setSize(new Dimension(width, height));
    return driver;
  }

  /** For people who want to see it: -Dweir.screenshots=FOLDER. */
  private static void picture(ChromeDriver driver, String name) throws IOException {
    String where = System.getProperty("weir.screenshots");
    if (where != null) {
      Files.write(Path.of(where, name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    }
  }

  /** Whether the page comes to say so in time; it is looked at again and again. */
  private static void await(ChromeDriver driver, String script, String what) {
    await(driver, script, what, SOON);
  }

  private static void await(ChromeDriver driver, String script, String what, Duration time) {
    driver.manage().timeouts().scriptTimeout(time.plusSeconds(5));
    Object came =
        driver.executeAsyncScript(
            "const done = arguments[arguments.length - 1]; const end = Date.now() + "
                + time.toMillis()
                + "; const look = () => { let is = false; try { is = (() => "
                + script
                + ")(); } catch (e) { is = false; }"
                + " if (is) done(true); else if (Date.now() > end) done(false);"
                + " else requestAnimationFrame(look); }; look();");
    assertEquals(true, came, () -> what + "; the page has " + text(driver));
  }

  private static String text(ChromeDriver driver) {
    return driver.findElement(By.tagName("body")).getText();
  }

  private static void traffic(TestUi ui, int failed) {
    long now = System.currentTimeMillis();
    for (int ago = 3; ago >= 0; ago--) {
      long at = now - ago * 5000L;
      ui.told(Reporter.SOURCE, "shop/web", "shop/cart", 60, "2xx", "", "", at);
      ui.told(Reporter.SOURCE, "shop/cart", "shop/stock", 120, "2xx", "", "", at);
      ui.told(Reporter.SOURCE, "unknown/unknown", "shop/web", 5, "2xx", "", "", at);
    }
    if (failed > 0) {
      ui.told("shop/web", "shop/cart", failed, "5xx", "breaker-open", "shop/cart");
    }
  }

  @Test
  void edgeTurnsRedWithItsCauseAsSoonAsCallsFailWithoutAReload() throws Exception {
    TestUi mesh = mesh(SHOP);
    traffic(mesh, 0);
    ChromeDriver driver = browser(1280, 900, false);
    driver.get(mesh.url() + "/ui/");
    await(
        driver,
        "document.querySelectorAll('.graph .edge.well').length === 3"
            + " && document.querySelector('#summary').textContent.includes('all is well')",
        "the picture has three edges, all well");
    assertTrue(text(driver).contains("outside"), () -> text(driver));
    assertFalse(text(driver).contains("unknown"), () -> text(driver));
    picture(driver, "topology-well");
    driver.executeScript("window.sameDocument = true");
    traffic(mesh, 300);
    await(
        driver,
        "window.sameDocument && document.querySelector('.graph .edge.bad title').textContent"
            + ".includes('shop/web → shop/cart:8080')",
        "the edge is red");
    await(
        driver,
        "/shop\\/web → shop\\/cart:8080 fails .* breaker-open by ResiliencePolicy shop\\/cart/"
            + ".test(document.querySelector('.alarms').textContent)",
        "the cause and its policy are told first");
    await(
        driver,
        "document.querySelector('#news').textContent"
            + ".startsWith('shop/web to shop/cart:8080 fails')",
        "it is read out");
    picture(driver, "topology-failing");
    driver.findElement(By.cssSelector(".alarms a[href^='#/policy']")).click();
    await(
        driver,
        "document.querySelector('h1').textContent === 'ResiliencePolicy shop/cart'"
            + " && document.querySelector('.chart canvas')",
        "the policy's page");
  }

  @Test
  void policyShowsWhatItDidWithMarksOfItsEdits() throws Exception {
    TestUi mesh = mesh(SHOP);
    long now = System.currentTimeMillis();
    for (int ago = 150; ago >= 1; ago--) {
      long at = now - ago * 5000L;
      mesh.told(Reporter.SOURCE, "shop/web", "shop/cart", 200, "2xx", "", "", at);
      if (ago > 40 && ago < 70) {
        mesh.told(
            Reporter.SOURCE, "shop/web", "shop/cart", 90, "5xx", "breaker-open", "shop/cart", at);
      }
    }
    mesh.events.add(
        new MeshEvent(
            now - 355_000, MeshEvent.Kind.OPENED, "shop/cart", "shop/cart", "web-1", "opened"));
    mesh.events.add(
        new MeshEvent(
            now - 210_000, MeshEvent.Kind.HEALED, "shop/cart", "shop/cart", "web-1", "closed"));
    mesh.events.add(
        new MeshEvent(
            now - 500_000, MeshEvent.Kind.EDITED, "shop/cart", "", "", "consecutiveFailures: 5"));
    ChromeDriver driver = browser(1280, 1100, false);
    driver.get(mesh.url() + "/ui/#/policy/ResiliencePolicy/shop/cart");
    await(
        driver,
        "document.querySelectorAll('.events li').length === 3"
            + " && document.querySelector('.chart canvas')"
            + " && document.body.textContent.includes('consecutiveFailures: 5')"
            + " && document.querySelector('.facts').textContent.includes('breaker-open')",
        "its effect and its marks");
    picture(driver, "policy");
    driver.get(mesh.url() + "/ui/#/service/shop/cart");
    await(
        driver,
        "document.querySelectorAll('.chart canvas').length === 2"
            + " && document.querySelector('.edges a').textContent === 'shop/web'"
            + " && document.body.textContent.includes('circuitBreaker')",
        "the service's page");
    picture(driver, "service");
  }

  @Test
  void keyboardAloneLeadsFromTheBeginToAServiceThatIsCalled() throws Exception {
    TestUi mesh = mesh(SHOP);
    traffic(mesh, 0);
    ChromeDriver driver = browser(1280, 900, false);
    driver.get(mesh.url() + "/ui/");
    await(driver, "document.querySelectorAll('.graph .edge').length === 3", "the picture");
    driver.findElement(By.tagName("body")).sendKeys(Keys.TAB);
    assertEquals("Skip to the content", driver.switchTo().activeElement().getText());
    driver.switchTo().activeElement().sendKeys(Keys.ENTER);
    List<String> passed = new ArrayList<>();
    for (int i = 0; i < 6 && !"a".equals(driver.switchTo().activeElement().getTagName()); i++) {
      driver.switchTo().activeElement().sendKeys(Keys.TAB);
      passed.add(driver.switchTo().activeElement().getTagName());
    }
    WebElement first = driver.switchTo().activeElement();
    assertTrue(first.getDomAttribute("data-node") != null, () -> "went by " + passed);
    for (int i = 0; i < 3; i++) {
      if (!"shop/stock".equals(driver.switchTo().activeElement().getDomAttribute("data-node"))) {
        driver.switchTo().activeElement().sendKeys(Keys.ARROW_RIGHT);
      }
    }
    assertEquals("shop/stock", driver.switchTo().activeElement().getDomAttribute("data-node"));
    driver.switchTo().activeElement().sendKeys(Keys.ENTER);
    await(driver, "document.querySelector('h1').textContent === 'shop/stock'", "its page");
    assertEquals("main", driver.switchTo().activeElement().getDomAttribute("id"));
  }

  @Test
  void whatComesFromTrafficIsTextAndNeverMarkup() throws Exception {
    String markup = "<img src=x onerror=\"window.ran=true\">";
    TestUi mesh =
        mesh(
            SHOP,
            Map.of(
                "about",
                query -> "{\"requests\":true}",
                "requests",
                query ->
                    "{\"silent\":{},\"requests\":[{\"time\":\"now\",\"sidecar\":\"web-1\","
                        + "\"direction\":\"inbound\",\"method\":\"GET\","
                        + "\"path\":\"/<img src=x onerror='window.ran=true'>\",\"status\":503,"
                        + "\"cause\":\"<b>x</b>\",\"request_id\":\"<i>1</i>\"}]}"));
    mesh.told("shop/" + markup, "shop/" + markup, 50, "5xx", markup, markup);
    mesh.told("shop/" + markup, "shop/cart", 50, "5xx", markup, "shop/cart");
    mesh.events.add(
        new MeshEvent(
            System.currentTimeMillis(),
            MeshEvent.Kind.EDITED,
            "shop/cart",
            "shop/cart",
            markup,
            markup));
    ChromeDriver driver = browser(1280, 900, false);
    for (String view :
        List.of(
            "", "services", "service/shop/cart", "policy/ResiliencePolicy/shop/cart", "failures")) {
      driver.get(mesh.url() + "/ui/#/" + view);
      await(
          driver,
          "document.querySelector('main').textContent.includes('<img src=x')"
              + (view.equals("services") ? " || document.querySelector('tbody a')" : ""),
          "the name as text in " + view);
      assertEquals(
          false,
          driver.executeScript(
              "return !!window.ran || !!document.querySelector('main img, main b, main i')"),
          view);
    }
    picture(driver, "failures");
    assertEquals(
        false,
        driver.executeScript(
            "const s = document.createElement('script'); s.textContent = 'window.ran = true';"
                + " document.body.append(s); return !!window.ran"),
        "the policy of the page lets no script in");
  }

  @Test
  void failureLeadsToItsStoryAndRequestsAreShownAsTheyEnd() throws Exception {
    UiServer server = new UiServer(new OneSidecar(), 0, Duration.ofSeconds(1));
    try (server) {
      ChromeDriver driver = browser(1280, 900, false);
      driver.get(server.url() + "#/failures");
      await(
          driver,
          "document.querySelector('tbody td a').getAttribute('href') === '#/request/7f'",
          "the failure");
      assertEquals(false, driver.getCurrentUrl().contains("key="), driver.getCurrentUrl());
      driver.findElement(By.cssSelector("tbody td a")).click();
      await(
          driver,
          "document.querySelector('main .bad').textContent"
              + ".startsWith('the sidecar of web-1 ended it: breaker-open')"
              + " && document.querySelector('pre').textContent.includes('into web-1  GET /a')",
          "its story");
      driver.get(server.url().replaceFirst("\\?.*", "#/tap"));
      driver.findElement(By.id("tap-sidecar")).sendKeys("web-1", Keys.ENTER);
      await(
          driver,
          "document.querySelector('tbody tr').textContent.includes('GET /a')"
              + " && document.querySelector('form button').textContent === 'Stop'",
          "requests as they end");
      picture(driver, "tap");
    }
  }

  @Test
  void phoneInTheDarkShowsWhatFailsWithoutScrollingAside() throws Exception {
    TestUi mesh = mesh(SHOP);
    traffic(mesh, 300);
    ChromeDriver driver = browser(500, 900, true);
    // What a window cannot be made as small as, a device is.
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", 390, "height", 844, "deviceScaleFactor", 2, "mobile", true));
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", "dark"))));
    driver.get(mesh.url() + "/ui/");
    await(driver, "!!document.querySelector('.alarms li.bad')", "what fails");
    picture(driver, "phone-dark");
    assertEquals(
        true,
        driver.executeScript(
            "return document.documentElement.scrollWidth <= innerWidth"
                + " && getComputedStyle(document.documentElement).backgroundColor"
                + " !== 'rgb(255, 255, 255)'"));
    driver.executeScript("document.querySelector('.edges').scrollIntoView()");
    picture(driver, "phone-dark-table");
  }

  @Test
  void fiveHundredServicesAreThereInASecondOrSo() throws Exception {
    StringBuilder yaml = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      yaml.append(SERVICE.formatted("service-" + i));
    }
    TestUi mesh = mesh(yaml.toString());
    long now = System.currentTimeMillis();
    for (int i = 0; i < 2000; i++) {
      String from = "shop/service-" + i % 500;
      String to = "shop/service-" + (i % 500 * 7 + i / 500 * 31 + 1) % 500;
      for (int ago = 3; ago >= 0; ago--) {
        mesh.told(Reporter.SOURCE, from, to, 5 + i % 40, "2xx", "", "", now - ago * 5000L);
        mesh.told(Reporter.DESTINATION, from, to, 5 + i % 40, "2xx", "", "", now - ago * 5000L);
      }
    }
    mesh.told("shop/service-3", "shop/service-22", 50, "5xx", "connect-failure", "");
    ChromeDriver driver = browser(1400, 1000, false);
    driver.get(mesh.url() + "/ui/icon.svg"); // the browser itself is there
    long begun = System.nanoTime();
    driver.get(mesh.url() + "/ui/");
    await(
        driver,
        "document.querySelectorAll('.graph .node').length > 4"
            + " && document.querySelectorAll('.edges tbody tr').length === 100"
            + " && !!document.querySelector('.alarms li')",
        "the first view");
    long millis = Duration.ofNanos(System.nanoTime() - begun).toMillis();
    Object drawn = driver.executeScript("return Math.round(performance.now())");
    System.out.println("500 services: " + millis + " ms to the first view, by the page " + drawn);
    picture(driver, "many");
    assertTrue(millis < 5000, millis + " ms");
    driver.findElement(By.id("search")).sendKeys("service-42");
    await(
        driver,
        "[...document.querySelectorAll('.edges tbody tr')]"
            + ".every((row) => row.textContent.includes('service-42'))",
        "what was looked for alone");
  }
}
