package dev.tarn.spark.kinesis;

import java.io.InterruptedIOException;
import java.io.UncheckedIOException;

/** Time as the reader sees it, so that tests run on time of their own. */
interface Pace {
  /** Milliseconds since 1970. */
  long nowMillis();

  /**
   * @throws UncheckedIOException of InterruptedIOException when the thread is interrupted: the form
   *     in which Spark recognises a stopped query
   */
  void sleepMillis(long millis);

  Pace SYSTEM =
      new Pace() {
        @Override
        public long nowMillis() {
          return System.currentTimeMillis();
        }

        @Override
        public void sleepMillis(long millis) {
          try {
            Thread.sleep(millis);
          } catch (InterruptedException e) {
            throw interrupted();
          }
        }
      };

  static UncheckedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new UncheckedIOException(new InterruptedIOException("reading was interrupted"));
  }
}
