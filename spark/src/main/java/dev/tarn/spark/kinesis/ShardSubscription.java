package dev.tarn.spark.kinesis;

/** Records of one shard as they are pushed, for five minutes. Used by one thread. */
interface ShardSubscription extends AutoCloseable {

  /**
   * The next event, or null when none came in time.
   *
   * @throws KinesisApiException of kind SUBSCRIPTION_OVER at its regular end, of another when it
   *     broke; both only after every event that came before was given
   */
  PushedRecords next(long waitMillis);

  @Override
  void close();
}
