package dev.tarn.spark.kinesis;

/** The records of one shard and batch, in order. */
interface RecordSource {
  /** The next record, or null after the last. */
  StreamRecord next();
}
