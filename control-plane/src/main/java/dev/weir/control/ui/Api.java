package dev.weir.control.ui;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** The pages below {@code /api/v1/}, by name. */
final class Api implements HttpHandler {
  static final String PLACE = "/api/v1/";

  private final Map<String, Page> pages;

  Api(Map<String, Page> pages) {
    this.pages = new TreeMap<>(pages);
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    Page page = pages.get(exchange.getRequestURI().getPath().substring(PLACE.length()));
    if (page == null) {
      Answer.failure(exchange, 404, "no such page");
      return;
    }
    String json;
    try {
      json = page.json(Query.of(exchange.getRequestURI().getRawQuery()));
    } catch (Page.NotThere e) {
      Answer.failure(exchange, 404, e.getMessage());
      return;
    } catch (Query.Wrong e) {
      Answer.failure(exchange, 400, e.getMessage());
      return;
    } catch (IOException e) {
      Answer.failure(exchange, 503, e.getMessage());
      return;
    }
    Answer.json(exchange, 200, json);
  }
}
