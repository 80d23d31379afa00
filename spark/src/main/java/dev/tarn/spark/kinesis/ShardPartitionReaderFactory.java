package dev.tarn.spark.kinesis;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;

/** Goes to the executors with the options. */
record ShardPartitionReaderFactory(KinesisOptions options) implements PartitionReaderFactory {

  @Override
  public PartitionReader<InternalRow> createReader(InputPartition partition) {
    ShardPartition shard = (ShardPartition) partition;
    byte[] block = shard.block() == null ? null : shard.block().get();
    RecordSource records =
        block != null
            ? new RecordBlock.Reader(block)
            : new RangeReader(
                SdkKinesisApi.shared(options),
                Pace.SYSTEM,
                options,
                shard.shardId(),
                shard.range());
    return new ShardPartitionReader(options.streamName(), records);
  }
}
