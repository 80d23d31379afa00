package dev.tarn.spark.kinesis;

/**
 * What the driver found in one shard while deciding a batch.
 *
 * @param to position after the last record read
 * @param block the records, or null when they went beyond the budget
 * @param ended the shard is closed and was read to its end
 * @param caughtUp the newest record of the shard was reached
 * @param lastArrivalMillis arrival of the record at {@code to}, 0 when not known
 * @param wholeAt see {@link ShardCursor#wholeAt}
 */
record ShardLook(
    String shardId,
    Position from,
    Position to,
    long records,
    byte[] block,
    boolean ended,
    boolean caughtUp,
    long millisBehindLatest,
    long lastArrivalMillis,
    long wholeAt) {}
