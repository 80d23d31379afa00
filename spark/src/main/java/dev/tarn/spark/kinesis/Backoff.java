package dev.tarn.spark.kinesis;

import java.util.concurrent.ThreadLocalRandom;

/** Counts failed tries of one thing and waits between them, as a {@link RetryPolicy} says. */
final class Backoff {
  private final RetryPolicy policy;
  private final Pace pace;
  private int attempts;
  private long wait;

  Backoff(RetryPolicy policy, Pace pace) {
    this.policy = policy;
    this.pace = pace;
    reset();
  }

  /** It went well: the next failure is a first one. */
  void reset() {
    attempts = 0;
    wait = policy.firstWaitMillis();
  }

  /** Failed tries since the last {@link #reset}. */
  int attempts() {
    return attempts;
  }

  /**
   * Waits half to all of the time due, so that shards don't march in step.
   *
   * @return false when the policy allows no repeat: then at once
   */
  boolean waitBeforeRepeat() {
    attempts++;
    if (attempts > policy.retries()) {
      return false;
    }
    pace.sleepMillis(wait / 2 + ThreadLocalRandom.current().nextLong(wait / 2 + 1));
    wait = Math.min(policy.maxWaitMillis(), wait * 2);
    return true;
  }
}
