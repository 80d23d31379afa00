package dev.tarn.spark.kinesis;

import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/** {@link FanOut} over the AWS SDK, for one query. */
final class SdkFanOut implements FanOut {
  /** One client for each endpoint and Region lives as long as the JVM. */
  private static final Map<List<Object>, KinesisAsyncClient> CLIENTS = new ConcurrentHashMap<>();

  private final KinesisAsyncClient client;
  private final StreamConsumer consumer;
  private final String streamName;
  private final Unread unread = new Unread();

  SdkFanOut(KinesisOptions options, Pace pace) {
    this.client =
        CLIENTS.computeIfAbsent(
            List.of(String.valueOf(options.endpointUrl()), String.valueOf(options.region())),
            key -> AwsClients.pushingKinesis(options.endpointUrl(), options.region()));
    this.consumer = new StreamConsumer(SdkKinesisApi.shared(options).client(), pace, options);
    this.streamName = options.streamName();
  }

  @Override
  public ShardSubscription subscribe(String shardId, Position from) {
    try {
      return accepted(shardId, from);
    } catch (KinesisApiException e) {
      // The consumer is what isn't there, if it isn't the shard.
      if (e.kind() == KinesisApiException.Kind.SHARD_NOT_FOUND && consumer.renew()) {
        return accepted(shardId, from);
      }
      throw e;
    }
  }

  private ShardSubscription accepted(String shardId, Position from) {
    SubscribeToShardRequest request = request(consumer.arn(), shardId, from);
    SdkShardSubscription subscription =
        new SdkShardSubscription(
            "SubscribeToShard on stream " + streamName + ", shard " + shardId, unread);
    SubscribeToShardResponseHandler handler =
        SubscribeToShardResponseHandler.builder()
            .onResponse(response -> subscription.accepted())
            .onEventStream(events -> events.subscribe(subscription))
            .onError(subscription::onError)
            .build();
    CompletableFuture<Void> call = client.subscribeToShard(request, handler);
    try {
      subscription.start(call);
    } catch (UncheckedIOException e) {
      subscription.close(); // interrupted: nobody will read it
      throw e;
    }
    return subscription;
  }

  private static SubscribeToShardRequest request(String consumer, String shardId, Position from) {
    ShardIteratorType type = ShardIteratorType.fromValue(from.kind().name());
    return SubscribeToShardRequest.builder()
        .consumerARN(consumer)
        .shardId(shardId)
        .startingPosition(
            position -> {
              position.type(type);
              switch (from.kind()) {
                case TRIM_HORIZON -> {}
                case AT_TIMESTAMP ->
                    position.timestamp(Instant.ofEpochMilli(Long.parseLong(from.value())));
                case AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER ->
                    position.sequenceNumber(from.value());
              }
            })
        .build();
  }

  @Override
  public void awaitEvent(long millis) {
    unread.await(millis);
  }
}
