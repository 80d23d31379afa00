package dev.tarn.spark.kinesis;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.unsafe.types.UTF8String;

/** Gives the records of a {@link RecordSource} as rows of {@link KinesisTable#SCHEMA}. */
final class ShardPartitionReader implements PartitionReader<InternalRow> {
  private final UTF8String streamName;
  private final RecordSource records;
  private StreamRecord current;

  ShardPartitionReader(String streamName, RecordSource records) {
    this.streamName = UTF8String.fromString(streamName);
    this.records = records;
  }

  @Override
  public boolean next() {
    current = records.next();
    return current != null;
  }

  @Override
  public InternalRow get() {
    return new GenericInternalRow(
        new Object[] {
          current.data(),
          streamName,
          UTF8String.fromString(current.partitionKey()),
          UTF8String.fromString(current.sequenceNumber()),
          current.arrivalMillis() * 1_000
        });
  }

  @Override
  public void close() {}
}
