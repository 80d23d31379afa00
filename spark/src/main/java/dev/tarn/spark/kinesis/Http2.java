package dev.tarn.spark.kinesis;

import io.netty.handler.ssl.SslProvider;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.ProtocolNegotiation;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.ProxyConfiguration;

/** The HTTP/2 client of subscriptions, on the Netty that Spark brings. */
final class Http2 {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  /**
   * To connect, agree on TLS and on HTTP/2's settings, by a JVM that does it for the first time.
   */
  private static final Duration READY = Duration.ofSeconds(25);

  /** Longer than a subscription lives: a batch may take its time before more is asked for. */
  private static final Duration SILENCE = Duration.ofMinutes(6);

  private static final Duration WRITE = Duration.ofSeconds(60);

  /** A connection that doesn't answer a ping within as long is given up. */
  private static final Duration PING = Duration.ofSeconds(5);

  // https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
  private static final int MOST_SHARDS = 10_000;

  private Http2() {}

  /**
   * @param endpointUrl the endpoint of the options, or null
   */
  static NettyNioAsyncHttpClient.Builder client(String endpointUrl) {
    String endpoint = endpoint(endpointUrl, System.getenv());
    return NettyNioAsyncHttpClient.builder()
        .protocol(Protocol.HTTP2)
        // Without TLS there is nothing to negotiate by.
        .protocolNegotiation(
            isPlain(endpoint) ? ProtocolNegotiation.ASSUME_PROTOCOL : ProtocolNegotiation.ALPN)
        .sslProvider(SslProvider.JDK)
        .http2Configuration(b -> b.healthCheckPingPeriod(PING))
        .maxConcurrency(MOST_SHARDS)
        .connectionTimeout(CONNECT)
        .tlsNegotiationTimeout(READY)
        .connectionAcquisitionTimeout(READY)
        .readTimeout(SILENCE)
        .writeTimeout(WRITE)
        .proxyConfiguration(proxy(endpoint, System.getProperties(), System.getenv()));
  }

  private static boolean isPlain(String endpoint) {
    return endpoint.startsWith("http:");
  }

  /** Where the SDK will go: it says so nowhere before it goes. */
  static String endpoint(String option, Map<String, String> environment) {
    if (option != null) {
      return option;
    }
    String named = environment.get("AWS_ENDPOINT_URL_KINESIS");
    return named != null ? named : environment.getOrDefault("AWS_ENDPOINT_URL", "https://aws");
  }

  /**
   * The proxy that a blocking client of this JVM would take for the endpoint. Left to itself, the
   * SDK's Netty client looks at the proxy for http only, whatever the endpoint.
   *
   * @param properties the JVM's
   */
  static ProxyConfiguration proxy(
      String endpoint, Map<?, ?> properties, Map<String, String> environment) {
    String scheme = isPlain(endpoint) ? "http" : "https";
    ProxyConfiguration.Builder proxy =
        ProxyConfiguration.builder()
            .useSystemPropertyValues(true)
            .useEnvironmentVariableValues(true);
    Object host = properties.get(scheme + ".proxyHost");
    String variable = environment.get(scheme.toUpperCase(Locale.ROOT) + "_PROXY");
    if (host != null) {
      Object port = properties.get(scheme + ".proxyPort");
      int standard = scheme.equals("http") ? 80 : 443;
      proxy.host(host.toString());
      proxy.port(port == null ? standard : Integer.parseInt(port.toString()));
    } else if (variable != null && !variable.isBlank()) {
      URI uri = URI.create(variable);
      proxy.scheme(uri.getScheme()).host(uri.getHost()).port(uri.getPort());
    }
    return proxy.build();
  }
}
