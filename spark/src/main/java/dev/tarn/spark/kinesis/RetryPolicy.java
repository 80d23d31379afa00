package dev.tarn.spark.kinesis;

import java.io.Serializable;
import java.util.function.Supplier;

/**
 * Repeats a call that was throttled or had no answer, each time after twice the wait.
 *
 * @param retries repeats before the call is given up
 * @param firstWaitMillis wait before the first repeat
 * @param maxWaitMillis longest wait
 */
record RetryPolicy(int retries, long firstWaitMillis, long maxWaitMillis) implements Serializable {

  /** The options that say it, for errors. */
  static final String OPTIONS =
      KinesisOptions.NUM_RETRIES
          + ", "
          + KinesisOptions.RETRY_INTERVAL_MS
          + " or "
          + KinesisOptions.MAX_RETRY_INTERVAL_MS;

  /**
   * @param what names the call in the error
   * @throws KinesisApiException of a kind that passes when no repeat helped, of any other at once
   */
  <T> T call(Pace pace, String what, Supplier<T> call) {
    Backoff backoff = new Backoff(this, pace);
    while (true) {
      try {
        return call.get();
      } catch (KinesisApiException e) {
        if (!e.passes()) {
          throw e;
        }
        if (!backoff.waitBeforeRepeat()) {
          throw new KinesisApiException(e.kind(), givenUp(what, backoff.attempts(), e), e);
        }
      }
    }
  }

  private static String givenUp(String what, int attempts, KinesisApiException last) {
    String times = " " + attempts + " times in a row: " + last.getMessage();
    return switch (last.kind()) {
      case UNAVAILABLE ->
          what + " had no answer" + times + ". To wait longer, raise " + OPTIONS + ".";
      case IN_USE ->
          what
              + " was refused"
              + times
              + ". Does another query read with the same "
              + KinesisOptions.CONSUMER_NAME
              + "? A consumer has one subscription to a shard: give each query a name of its own.";
      default ->
          what
              + " was throttled"
              + times
              + ". A shard serves 5 GetRecords calls and 2 MB a second to all its polling readers"
              + " together: read with fewer of them, add shards, or raise "
              + OPTIONS
              + ".";
    };
  }
}
