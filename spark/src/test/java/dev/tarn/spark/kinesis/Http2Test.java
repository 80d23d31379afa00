package dev.tarn.spark.kinesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.nio.netty.ProxyConfiguration;

/** By which way a subscription goes. */
class Http2Test {
  private static final String AWS = "https://kinesis.us-west-2.amazonaws.com";

  @Test
  void theEndpointIsTheOptionsElseTheEnvironmentsElseTheRegions() {
    Map<String, String> both =
        Map.of("AWS_ENDPOINT_URL", "http://all", "AWS_ENDPOINT_URL_KINESIS", "http://kinesis");
    assertEquals("http://mine", Http2.endpoint("http://mine", both));
    assertEquals("http://kinesis", Http2.endpoint(null, both));
    assertEquals("http://all", Http2.endpoint(null, Map.of("AWS_ENDPOINT_URL", "http://all")));
    assertEquals("https:", Http2.endpoint(null, Map.of()).substring(0, 6));
  }

  @Test
  void theJvmsProxyForTheSchemeOfTheEndpointIsTaken() {
    Map<String, String> jvm =
        Map.of("https.proxyHost", "127.0.0.1", "https.proxyPort", "4566", "http.proxyHost", "no");
    ProxyConfiguration proxy = Http2.proxy(AWS, jvm, Map.of("HTTPS_PROXY", "http://other:1"));
    assertEquals("127.0.0.1", proxy.host());
    assertEquals(4566, proxy.port());
    assertEquals("http", proxy.scheme());
    assertEquals("no", Http2.proxy("http://kinesis", jvm, Map.of()).host());
  }

  @Test
  void elseTheEnvironmentsElseNone() {
    ProxyConfiguration proxy =
        Http2.proxy(AWS, Map.of(), Map.of("HTTPS_PROXY", "http://127.0.0.1:4567"));
    assertEquals("127.0.0.1", proxy.host());
    assertEquals(4567, proxy.port());
    assertNull(Http2.proxy(AWS, Map.of(), Map.of()).host());
  }
}
