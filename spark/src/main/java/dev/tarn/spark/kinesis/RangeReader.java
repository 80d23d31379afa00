package dev.tarn.spark.kinesis;

import java.util.Iterator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads exactly the range an offset names from one shard, and sees that it has as many records as
 * the driver counted. Polls in any case: a consumer's one subscription to the shard is the
 * driver's. Runs in an executor; used by one thread.
 */
final class RangeReader implements RecordSource {
  private static final Logger LOG = LoggerFactory.getLogger(RangeReader.class);

  /** Looks at the end of a shard before a record that must be there counts as gone. */
  private static final int LOOKS_AT_THE_END = 4;

  /** Empty pages in a row, though the shard says there is more, before the task fails: 10 min. */
  private static final int MOST_EMPTY_PAGES = 2_400;

  private static final long PAUSE_MILLIS = 250;

  private final Pace pace;
  private final KinesisOptions options;
  private final String shardId;
  private final ShardProgress range;
  private final ShardCursor cursor;
  private Iterator<StreamRecord> page = List.<StreamRecord>of().iterator();
  private long count;
  private boolean done;

  RangeReader(
      KinesisApi api, Pace pace, KinesisOptions options, String shardId, ShardProgress range) {
    this.pace = pace;
    this.options = options;
    this.shardId = shardId;
    this.range = range;
    this.cursor = new PollingCursor(api, pace, options.retry(), shardId, range.from());
  }

  /**
   * @throws DataLossException when records of the range are gone and failOnDataLoss is set
   * @throws KinesisApiException when the service refuses
   */
  @Override
  public StreamRecord next() {
    if (done) {
      return null;
    }
    if (!page.hasNext() && !fetch()) {
      return finish("it ends before that record.");
    }
    StreamRecord record = page.next();
    int order = Position.compareSequenceNumbers(record.sequenceNumber(), range.to().value());
    if (order > 0) {
      return finish("that record is missing.");
    }
    count++;
    if (order == 0) {
      done = true;
      checkCount();
    }
    return record;
  }

  private boolean fetch() {
    int emptyLooks = 0;
    int emptyPages = 0;
    try {
      while (!cursor.ended() && emptyLooks < LOOKS_AT_THE_END) {
        long left = Math.max(1, range.records() - count);
        Page next = cursor.next((int) Math.min(ShardCursor.MAX_PAGE, left));
        if (!next.records().isEmpty()) {
          page = next.records().iterator();
          return true;
        }
        if (++emptyPages >= MOST_EMPTY_PAGES) {
          throw new KinesisApiException(
              KinesisApiException.Kind.OTHER,
              "GetRecords on shard " + shardId + " gave " + emptyPages + " empty pages in a row",
              null);
        }
        emptyLooks += next.millisBehindLatest() == 0 ? 1 : 0;
        pace.sleepMillis(PAUSE_MILLIS);
      }
    } catch (KinesisApiException e) {
      boolean lost =
          e.kind() == KinesisApiException.Kind.SHARD_NOT_FOUND
              || e.kind() == KinesisApiException.Kind.INVALID_POSITION;
      if (!lost) {
        throw e;
      }
    }
    return false;
  }

  private StreamRecord finish(String why) {
    done = true;
    lost("the batch ends at sequence number " + range.to().value() + ", but " + why);
    return null;
  }

  private void checkCount() {
    if (count != range.records()) {
      lost(
          "between "
              + range.from().encode()
              + " and sequence number "
              + range.to().value()
              + " there were "
              + range.records()
              + " records when the batch was planned, and "
              + count
              + " now: the others are beyond the stream's retention period.");
    }
  }

  private void lost(String what) {
    if (options.failOnDataLoss()) {
      throw new DataLossException(options.streamName(), shardId, what);
    }
    LOG.warn("Stream {}, shard {}: {}", options.streamName(), shardId, what);
  }
}
