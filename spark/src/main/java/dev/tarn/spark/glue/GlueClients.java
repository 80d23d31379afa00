package dev.tarn.spark.glue;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.urlconnection.ProxyConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.glue.GlueClient;
import software.amazon.awssdk.services.glue.model.GlueRequest;

/**
 * Glue clients, one for each catalog. They find their way as every AWS client does:
 * AWS_ENDPOINT_URL, else the Region's name; Region and credentials from the default chains; proxy
 * and trust store from the JVM's system properties.
 */
final class GlueClients {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final Map<String, GlueClient> CLIENTS = new ConcurrentHashMap<>();

  private GlueClients() {}

  /** Of the catalog of that id; empty: the account's own. */
  static GlueClient of(String catalog) {
    return CLIENTS.computeIfAbsent(catalog, GlueClients::make);
  }

  private static GlueClient make(String catalog) {
    return GlueClient.builder()
        .httpClient(
            UrlConnectionHttpClient.builder()
                .connectionTimeout(CONNECT)
                .socketTimeout(ANSWER)
                .proxyConfiguration(
                    ProxyConfiguration.builder()
                        .useSystemPropertyValues(true)
                        .useEnvironmentVariablesValues(true)
                        .build())
                .build())
        .overrideConfiguration(b -> b.addExecutionInterceptor(new Named(catalog)))
        .build();
  }

  /** Puts the catalog's id into each request. */
  private record Named(String catalog) implements ExecutionInterceptor {
    @Override
    public SdkRequest modifyRequest(
        Context.ModifyRequest context, ExecutionAttributes executionAttributes) {
      if (catalog.isEmpty()) {
        return context.request();
      }
      GlueRequest.Builder builder = ((GlueRequest) context.request()).toBuilder();
      for (SdkField<?> field : context.request().sdkFields()) {
        if (field.memberName().equals("CatalogId")) {
          field.set(builder, catalog);
        }
      }
      return builder.build();
    }
  }
}
