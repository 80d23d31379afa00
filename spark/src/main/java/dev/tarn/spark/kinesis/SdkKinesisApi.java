package dev.tarn.spark.kinesis;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** {@link KinesisApi} over the AWS SDK. */
final class SdkKinesisApi implements KinesisApi {
  /** One client for each endpoint, Region and stream lives as long as the JVM. */
  private static final Map<List<Object>, SdkKinesisApi> SHARED = new ConcurrentHashMap<>();

  private final KinesisClient client;
  private final String streamName;

  private SdkKinesisApi(String endpointUrl, String region, String streamName) {
    this.client = AwsClients.kinesis(endpointUrl, region);
    this.streamName = streamName;
  }

  static SdkKinesisApi shared(KinesisOptions options) {
    return shared(options.endpointUrl(), options.region(), options.streamName());
  }

  /**
   * @param endpointUrl as in {@link KinesisOptions}; so is {@code region}
   */
  static SdkKinesisApi shared(String endpointUrl, String region, String streamName) {
    return SHARED.computeIfAbsent(
        List.of(String.valueOf(endpointUrl), String.valueOf(region), streamName),
        key -> new SdkKinesisApi(endpointUrl, region, streamName));
  }

  KinesisClient client() {
    return client;
  }

  static StreamRecord record(Record record) {
    return new StreamRecord(
        record.sequenceNumber(),
        record.partitionKey(),
        record.data().asByteArrayUnsafe(),
        record.approximateArrivalTimestamp().toEpochMilli());
  }

  @Override
  public List<ShardInfo> listShards() {
    List<ShardInfo> result = new ArrayList<>();
    String token = null;
    do {
      ListShardsRequest.Builder request = ListShardsRequest.builder();
      if (token == null) {
        request.streamName(streamName);
      } else {
        request.nextToken(token);
      }
      ListShardsResponse answer =
          call("ListShards on stream " + streamName, () -> client.listShards(request.build()));
      answer.shards().forEach(shard -> result.add(info(shard)));
      token = answer.nextToken();
    } while (token != null && !token.isEmpty());
    return result;
  }

  private static ShardInfo info(Shard shard) {
    return new ShardInfo(
        shard.shardId(),
        shard.parentShardId(),
        shard.adjacentParentShardId(),
        shard.sequenceNumberRange().endingSequenceNumber() != null);
  }

  @Override
  public long retentionMillis() {
    return call(
                "DescribeStreamSummary on stream " + streamName,
                () -> client.describeStreamSummary(b -> b.streamName(streamName)))
            .streamDescriptionSummary()
            .retentionPeriodHours()
        * 3_600_000L;
  }

  @Override
  public String shardIterator(String shardId, Position position) {
    GetShardIteratorRequest.Builder request =
        GetShardIteratorRequest.builder()
            .streamName(streamName)
            .shardId(shardId)
            .shardIteratorType(ShardIteratorType.fromValue(position.kind().name()));
    switch (position.kind()) {
      case TRIM_HORIZON -> {}
      case AT_TIMESTAMP ->
          request.timestamp(Instant.ofEpochMilli(Long.parseLong(position.value())));
      case AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER ->
          request.startingSequenceNumber(position.value());
    }
    return call(
            "GetShardIterator on stream " + streamName + ", shard " + shardId,
            () -> client.getShardIterator(request.build()))
        .shardIterator();
  }

  @Override
  public Page getRecords(String shardIterator, int limit) {
    GetRecordsResponse answer =
        call(
            "GetRecords on stream " + streamName,
            () ->
                client.getRecords(
                    GetRecordsRequest.builder().shardIterator(shardIterator).limit(limit).build()));
    List<StreamRecord> records = new ArrayList<>(answer.records().size());
    answer.records().forEach(record -> records.add(record(record)));
    Long behind = answer.millisBehindLatest();
    long millisBehind = behind != null ? behind : records.isEmpty() ? 0 : 1;
    return new Page(records, answer.nextShardIterator(), millisBehind);
  }

  private static <T> T call(String what, Supplier<T> call) {
    try {
      return call.get();
    } catch (SdkException e) {
      throw SdkFailures.sorted(what, e);
    }
  }
}
