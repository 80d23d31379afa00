package dev.tarn.spark.kinesis;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells when a stream may have dropped records for their age. Safe for use by several threads. */
final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
  private static final long HOUR_MILLIS = 3_600_000;

  /**
   * The least retention period there is.
   * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DecreaseStreamRetentionPeriod.html
   */
  private static final long LEAST_MILLIS = 24 * HOUR_MILLIS;

  /** An hour less of the period counts, for clocks that differ. */
  private static final long MARGIN_MILLIS = HOUR_MILLIS;

  private static final long CLOCKS_DIFFER_MILLIS = 60_000;

  /** It may be changed at any time; so old may be what is known of it. */
  private static final long KNOWN_FOR_MILLIS = 5 * 60_000;

  private final KinesisApi api;
  private final Pace pace;
  private long periodMillis;
  private long askedAt;

  Retention(KinesisApi api, Pace pace) {
    this.api = api;
    this.pace = pace;
  }

  /** Whether a record that arrived at that time, or a moment later, may be gone by now. */
  boolean mayHaveDropped(long arrivedMillis) {
    long age = pace.nowMillis() - arrivedMillis;
    return age >= LEAST_MILLIS - MARGIN_MILLIS && age >= period() - MARGIN_MILLIS;
  }

  /** The same without the margin, for where nothing but the age can tell. */
  boolean hasPassed(long arrivedMillis) {
    long age = pace.nowMillis() - arrivedMillis;
    return age >= LEAST_MILLIS - CLOCKS_DIFFER_MILLIS && age >= period() - CLOCKS_DIFFER_MILLIS;
  }

  private synchronized long period() {
    long now = pace.nowMillis();
    if (askedAt == 0 || now - askedAt > KNOWN_FOR_MILLIS) {
      try {
        periodMillis = api.retentionMillis();
      } catch (KinesisApiException e) {
        LOG.warn("the retention period is not to be had, 24 h are assumed: {}", e.getMessage());
        periodMillis = LEAST_MILLIS;
      }
      askedAt = now;
    }
    return periodMillis;
  }
}
