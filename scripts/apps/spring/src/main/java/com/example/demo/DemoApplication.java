package com.example.demo;

import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

@SpringBootApplication
@RestController
public class DemoApplication {
  private final RestClient upstream;

  DemoApplication(RestClient.Builder builder, @Value("${UPSTREAM}") String upstream) {
    this.upstream = builder.baseUrl(upstream).build();
  }

  public static void main(String[] args) {
    SpringApplication.run(DemoApplication.class, args);
  }

  @GetMapping("/hello/{name}")
  Map<String, String> hello(@PathVariable String name) {
    return Map.of("app", "spring", "hello", name);
  }

  @GetMapping("/call/{name}")
  Map<?, ?> call(@PathVariable String name) {
    return upstream.get().uri("/hello/{name}", name).retrieve().body(Map.class);
  }
}
