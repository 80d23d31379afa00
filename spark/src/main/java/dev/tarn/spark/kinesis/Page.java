package dev.tarn.spark.kinesis;

import java.util.List;

/**
 * One answer of GetRecords.
 *
 * @param nextIterator null at the end of a closed shard
 * @param millisBehindLatest 0 when the answer reached the newest record of the shard
 */
record Page(List<StreamRecord> records, String nextIterator, long millisBehindLatest) {}
