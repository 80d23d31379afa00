package dev.tarn.spark.kinesis;

import org.apache.spark.sql.connector.read.InputPartition;

/**
 * The part of a batch that comes from one shard.
 *
 * @param block the records, or null: then the executor reads the range from the stream
 */
record ShardPartition(String shardId, ShardProgress range, HandOver.Block block)
    implements InputPartition {}
