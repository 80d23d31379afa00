package dev.tarn.spark.kinesis;

import java.util.List;

/**
 * The calls this source makes on one stream. Every call may throw {@link KinesisApiException}.
 * Implementations are safe for use by several threads.
 */
interface KinesisApi {

  /** ListShards, all pages: the open shards and the closed ones that still hold records. */
  List<ShardInfo> listShards();

  /** RetentionPeriodHours of DescribeStreamSummary, in milliseconds. */
  long retentionMillis();

  /** GetShardIterator. Fails with SHARD_NOT_FOUND or INVALID_POSITION besides the common kinds. */
  String shardIterator(String shardId, Position position);

  /** GetRecords. Fails with EXPIRED_ITERATOR besides the common kinds. */
  Page getRecords(String shardIterator, int limit);
}
