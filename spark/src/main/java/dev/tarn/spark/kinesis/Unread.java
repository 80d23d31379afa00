package dev.tarn.spark.kinesis;

import java.util.concurrent.TimeUnit;

/** How many events of all subscriptions wait to be read. Safe for use by several threads. */
final class Unread {
  private int count;

  synchronized void add(int events) {
    count += events;
    notifyAll();
  }

  /** Returns when there is one, at the latest after that time. */
  synchronized void await(long millis) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    try {
      while (count <= 0) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return;
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      throw Pace.interrupted();
    }
  }
}
