package dev.tarn.spark.kinesis;

import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.ProxyConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/**
 * Clients that find their way as every AWS client does: endpoint from the option, else
 * AWS_ENDPOINT_URL(_KINESIS, _DYNAMODB), else the Region's; proxy and trust store from the JVM's
 * system properties; credentials from the default chain.
 */
final class AwsClients {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(60);

  private AwsClients() {}

  static KinesisClient kinesis(String endpointUrl, String region) {
    return configured(KinesisClient.builder(), endpointUrl, region).httpClient(http()).build();
  }

  /** For subscriptions only: they need HTTP/2. Each failure is seen at once and repeated by us. */
  static KinesisAsyncClient pushingKinesis(String endpointUrl, String region) {
    return configured(KinesisAsyncClient.builder(), endpointUrl, region)
        .httpClientBuilder(Http2.client(endpointUrl))
        .overrideConfiguration(b -> b.retryStrategy(AwsRetryStrategy.doNotRetry()))
        .build();
  }

  static DynamoDbClient dynamoDb(KinesisOptions options) {
    return configured(DynamoDbClient.builder(), options.dynamoEndpointUrl(), options.region())
        .httpClient(http())
        .build();
  }

  private static SdkHttpClient http() {
    return UrlConnectionHttpClient.builder()
        .connectionTimeout(CONNECT)
        .socketTimeout(ANSWER)
        .proxyConfiguration(
            ProxyConfiguration.builder()
                .useSystemPropertyValues(true)
                .useEnvironmentVariablesValues(true)
                .build())
        .build();
  }

  private static <B extends AwsClientBuilder<B, C>, C> B configured(
      B builder, String endpointUrl, String region) {
    builder
        .region(region(region))
        .credentialsProvider(DefaultCredentialsProvider.builder().build());
    if (endpointUrl != null) {
      builder.endpointOverride(URI.create(endpointUrl));
    }
    return builder;
  }

  private static Region region(String region) {
    if (region != null) {
      return Region.of(region);
    }
    try {
      return new DefaultAwsRegionProviderChain().getRegion();
    } catch (SdkClientException e) {
      throw new IllegalArgumentException(
          "The source aws-kinesis knows no AWS Region: set the option "
              + KinesisOptions.REGION
              + " or the environment variable AWS_REGION.",
          e);
    }
  }
}
