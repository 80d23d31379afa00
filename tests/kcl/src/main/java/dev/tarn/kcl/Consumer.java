package dev.tarn.kcl;

import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.metrics.MetricsLevel;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.retrieval.fanout.FanOutConfig;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/**
 * Reads a stream by the Kinesis Client Library and prints a line for each record. Arguments: the
 * endpoint, the stream, the application's name, {@code polling} or {@code fanout}. Region and keys
 * come from the environment. Ends, with everything checkpointed, when its standard input does.
 */
public final class Consumer {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  // One at a time, always the same: the library would go on giving leases to a worker that has just
  // ended, and an orderly end would wait for these.
  private static final String WORKER = "worker";

  private Consumer() {}

  public static void main(String[] arguments) {
    int status = 1;
    try {
      consume(arguments);
      System.out.println("end");
      status = 0;
    } catch (Exception failure) {
      failure.printStackTrace();
    } finally {
      // Threads of the library may be left, whatever happened.
      System.exit(status);
    }
  }

  private static void consume(String[] arguments) throws Exception {
    URI endpoint = URI.create(arguments[0]);
    boolean fanOut = arguments[3].equals("fanout");
    var http =
        NettyNioAsyncHttpClient.builder()
            .maxConcurrency(64)
            .protocol(fanOut ? Protocol.HTTP2 : Protocol.HTTP1_1);
    try (var kinesis =
            KinesisAsyncClient.builder()
                .endpointOverride(endpoint)
                .httpClientBuilder(http)
                .build();
        var dynamodb = DynamoDbAsyncClient.builder().endpointOverride(endpoint).build();
        var cloudwatch = CloudWatchAsyncClient.builder().endpointOverride(endpoint).build()) {
      Scheduler scheduler = scheduler(arguments, fanOut, kinesis, dynamodb, cloudwatch);
      Thread running = new Thread(scheduler, "scheduler");
      running.start();
      while (System.in.read() >= 0) {
        // Whatever is said is no end.
      }
      scheduler.startGracefulShutdown().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      running.join(PATIENCE.toMillis());
    }
  }

  private static Scheduler scheduler(
      String[] arguments,
      boolean fanOut,
      KinesisAsyncClient kinesis,
      DynamoDbAsyncClient dynamodb,
      CloudWatchAsyncClient cloudwatch) {
    String stream = arguments[1];
    String application = arguments[2];
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    var configs =
        new ConfigsBuilder(
            stream, application, kinesis, dynamodb, cloudwatch, WORKER, () -> new Printer(out));
    // What decides how soon a reshard or a lost worker is noticed: seconds here, minutes by
    // default.
    var leases =
        configs
            .leaseManagementConfig()
            .failoverTimeMillis(2_000)
            .shardSyncIntervalMillis(1_000)
            .leasesRecoveryAuditorExecutionFrequencyMillis(1_000);
    leases.workerUtilizationAwareAssignmentConfig().disableWorkerMetrics(true);
    var coordinator = configs.coordinatorConfig().parentShardPollIntervalMillis(200);
    var retrieval =
        configs
            .retrievalConfig()
            .initialPositionInStreamExtended(
                InitialPositionInStreamExtended.newInitialPosition(
                    InitialPositionInStream.TRIM_HORIZON));
    if (fanOut) {
      retrieval.retrievalSpecificConfig(
          new FanOutConfig(kinesis).streamName(stream).applicationName(application));
    } else {
      retrieval.retrievalSpecificConfig(
          new PollingConfig(stream, kinesis).idleTimeBetweenReadsInMillis(100));
    }
    return new Scheduler(
        configs.checkpointConfig(),
        coordinator,
        leases,
        configs.lifecycleConfig(),
        configs
            .metricsConfig()
            .metricsLevel(MetricsLevel.NONE)
            .metricsFactory(new NullMetricsFactory()),
        configs.processorConfig(),
        retrieval);
  }
}
