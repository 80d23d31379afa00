package dev.tarn.spark.kinesis;

import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/** {@link FanOut} over the AWS SDK, for one query. */
final class SdkFanOut implements FanOut {
  private static final Logger LOG = LoggerFactory.getLogger(SdkFanOut.class);

  /** One client for each endpoint and Region, for as long as its connections come to be. */
  private static final Map<List<Object>, KinesisAsyncClient> CLIENTS = new ConcurrentHashMap<>();

  /** Less than the SDK's own patience with a connection, more than a busy machine takes for one. */
  private static final long STANDS_STILL_MILLIS = 20_000;

  private final KinesisOptions options;
  private final List<Object> place;
  private final StreamConsumer consumer;
  private final String streamName;
  private final Unread unread = new Unread();

  SdkFanOut(KinesisOptions options, Pace pace) {
    this.options = options;
    this.place = List.of(String.valueOf(options.endpointUrl()), String.valueOf(options.region()));
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
    KinesisAsyncClient client =
        CLIENTS.computeIfAbsent(
            place, key -> AwsClients.pushingKinesis(options.endpointUrl(), options.region()));
    long begun = System.nanoTime();
    CompletableFuture<Void> call = client.subscribeToShard(request, handler);
    try {
      subscription.start(call);
    } catch (UncheckedIOException e) {
      subscription.close(); // interrupted: nobody will read it
      throw e;
    } catch (KinesisApiException e) {
      long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
      if (waited >= STANDS_STILL_MILLIS) {
        giveUp(client, e);
      }
      throw e;
    }
    return subscription;
  }

  /**
   * The SDK lets every call wait for the connection that is being made, however long that takes: if
   * it never comes to be, no call of the client has an answer any more. Its subscriptions that are
   * well end as broken ones do, and begin again with the new client.
   */
  private void giveUp(KinesisAsyncClient client, KinesisApiException why) {
    if (CLIENTS.remove(place, client)) {
      LOG.warn("Stream {}: connecting anew, as there was no answer", streamName, why);
      client.close();
    }
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
