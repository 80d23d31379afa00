package dev.tarn.spark.kinesis;

import java.io.Serializable;

/**
 * What an offset says of one shard: the batch that ends here reads the {@code records} records
 * after {@code from} up to and with {@code to}.
 *
 * @param closedAt 0 while more may come; else when its end was reached, milliseconds since 1970
 */
record ShardProgress(Position from, Position to, long records, long closedAt)
    implements Serializable {

  static ShardProgress startingAt(Position position) {
    return new ShardProgress(position, position, 0, 0);
  }

  boolean ended() {
    return closedAt != 0;
  }

  /** The same place, seen from the batch after. */
  ShardProgress carried() {
    return new ShardProgress(to, to, 0, closedAt);
  }

  ShardProgress endedAt(long millis) {
    return new ShardProgress(from, to, records, millis);
  }
}
