package dev.tarn.spark.kinesis;

import java.util.List;

/**
 * One SubscribeToShardEvent.
 *
 * @param records none in an event that only says how far behind it is
 * @param last whether the shard is closed and this is its end
 * @param millisBehindLatest 0 when the event reached the newest record of the shard
 */
record PushedRecords(List<StreamRecord> records, boolean last, long millisBehindLatest) {}
