package dev.tarn.spark.kinesis;

/**
 * Enhanced fan-out: one registered consumer of one stream, to which the service pushes records.
 * Safe for use by several threads.
 */
interface FanOut {

  /**
   * SubscribeToShard; registers the consumer first when it isn't. A subscription of the consumer to
   * the same shard that is older than five seconds ends by this.
   *
   * @throws KinesisApiException of kind IN_USE while a younger one is there, SHARD_NOT_FOUND,
   *     INVALID_POSITION, or a common kind
   */
  ShardSubscription subscribe(String shardId, Position from);

  /** Returns when a subscription has something unread, at the latest after that time. */
  void awaitEvent(long millis);
}
