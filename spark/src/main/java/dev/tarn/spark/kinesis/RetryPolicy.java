package dev.tarn.spark.kinesis;

import java.io.Serializable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * Repeats a throttled call, each time after twice the wait, with jitter so that shards don't march
 * in step.
 *
 * @param retries repeats before the call is given up
 * @param firstWaitMillis wait before the first repeat
 * @param maxWaitMillis longest wait
 */
record RetryPolicy(int retries, long firstWaitMillis, long maxWaitMillis) implements Serializable {

  /**
   * @param what names the call in the error
   * @throws KinesisApiException of kind THROTTLED when every repeat was throttled
   */
  <T> T call(Pace pace, String what, Supplier<T> call) {
    long wait = firstWaitMillis;
    for (int attempt = 0; ; attempt++) {
      try {
        return call.get();
      } catch (KinesisApiException e) {
        if (e.kind() != KinesisApiException.Kind.THROTTLED) {
          throw e;
        }
        if (attempt >= retries) {
          throw new KinesisApiException(
              KinesisApiException.Kind.THROTTLED,
              what
                  + " was throttled "
                  + (attempt + 1)
                  + " times in a row. A shard serves 5 GetRecords calls and 2 MB a second to all"
                  + " its polling readers together: read with fewer of them, add shards, or raise "
                  + KinesisOptions.NUM_RETRIES
                  + ", "
                  + KinesisOptions.RETRY_INTERVAL_MS
                  + " or "
                  + KinesisOptions.MAX_RETRY_INTERVAL_MS
                  + ".",
              e);
        }
      }
      pace.sleepMillis(wait / 2 + ThreadLocalRandom.current().nextLong(wait / 2 + 1));
      wait = Math.min(maxWaitMillis, wait * 2);
    }
  }
}
