package dev.tarn.spark.kinesis;

import java.io.Serializable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * Repeats a call that was throttled or had no answer, each time after twice the wait, with jitter
 * so that shards don't march in step.
 *
 * @param retries repeats before the call is given up
 * @param firstWaitMillis wait before the first repeat
 * @param maxWaitMillis longest wait
 */
record RetryPolicy(int retries, long firstWaitMillis, long maxWaitMillis) implements Serializable {

  /**
   * @param what names the call in the error
   * @throws KinesisApiException of kind THROTTLED or UNAVAILABLE when no repeat helped
   */
  <T> T call(Pace pace, String what, Supplier<T> call) {
    long wait = firstWaitMillis;
    for (int attempt = 0; ; attempt++) {
      try {
        return call.get();
      } catch (KinesisApiException e) {
        if (!e.passes()) {
          throw e;
        }
        if (attempt >= retries) {
          throw new KinesisApiException(e.kind(), givenUp(what, attempt + 1, e), e);
        }
      }
      pace.sleepMillis(wait / 2 + ThreadLocalRandom.current().nextLong(wait / 2 + 1));
      wait = Math.min(maxWaitMillis, wait * 2);
    }
  }

  private static String givenUp(String what, int attempts, KinesisApiException last) {
    String options =
        KinesisOptions.NUM_RETRIES
            + ", "
            + KinesisOptions.RETRY_INTERVAL_MS
            + " or "
            + KinesisOptions.MAX_RETRY_INTERVAL_MS
            + ".";
    if (last.kind() == KinesisApiException.Kind.UNAVAILABLE) {
      return what
          + " had no answer "
          + attempts
          + " times in a row: "
          + last.getMessage()
          + ". To wait longer, raise "
          + options;
    }
    return what
        + " was throttled "
        + attempts
        + " times in a row. A shard serves 5 GetRecords calls and 2 MB a second to all its polling"
        + " readers together: read with fewer of them, add shards, or raise "
        + options;
  }
}
