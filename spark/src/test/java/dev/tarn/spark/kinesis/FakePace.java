package dev.tarn.spark.kinesis;

import java.util.concurrent.atomic.AtomicLong;

/** Time that passes only by sleeping, or as a test says. */
final class FakePace implements Pace {
  static final long START = 1_800_000_000_000L;
  private final AtomicLong now = new AtomicLong(START);

  @Override
  public long nowMillis() {
    return now.get();
  }

  @Override
  public void sleepMillis(long millis) {
    now.addAndGet(millis);
  }
}
