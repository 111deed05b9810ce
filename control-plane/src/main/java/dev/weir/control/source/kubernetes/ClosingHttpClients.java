package dev.weir.control.source.kubernetes;

import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientImpl;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.http.HttpClient;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Makes the JDK's HTTP clients for one Kubernetes client, and ends them with it: fabric8 lets go of
 * them, and their connections stay until somebody collects them.
 */
final class ClosingHttpClients extends JdkHttpClientFactory {
  private final Queue<HttpClient> made = new ConcurrentLinkedQueue<>();

  @Override
  protected HttpClient.Builder createNewHttpClientBuilder() {
    HttpClient.Builder builder = super.createNewHttpClientBuilder();
    return (HttpClient.Builder)
        Proxy.newProxyInstance(
            HttpClient.class.getClassLoader(),
            new Class<?>[] {HttpClient.Builder.class},
            (proxy, method, arguments) -> {
              try {
                Object answer = method.invoke(builder, arguments);
                if (answer instanceof HttpClient client) {
                  made.add(client);
                }
                return answer == builder ? proxy : answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Override
  protected void closeHttpClient(JdkHttpClientImpl client) {
    super.closeHttpClient(client);
    for (HttpClient one = made.poll(); one != null; one = made.poll()) {
      one.shutdownNow();
    }
  }
}
