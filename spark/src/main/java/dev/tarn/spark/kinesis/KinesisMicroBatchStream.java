package dev.tarn.spark.kinesis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.apache.spark.sql.connector.read.streaming.ReportsSourceMetrics;
import org.apache.spark.sql.connector.read.streaming.SupportsTriggerAvailableNow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running query's view of a stream. Which records a batch holds is decided once, in {@link
 * #latestOffset(Offset, ReadLimit)}, and stands in Spark's offset log before the batch runs: so a
 * batch that runs again reads the same. The reasons: {@code
 * docs/decisions/2026-11-22-aws-kinesis-source-offsets.md}. Used by the query's one thread.
 */
final class KinesisMicroBatchStream
    implements MicroBatchStream, SupportsTriggerAvailableNow, ReportsSourceMetrics {
  private static final Logger LOG = LoggerFactory.getLogger(KinesisMicroBatchStream.class);
  private static final long PROGRESS_INTERVAL_MILLIS = 60_000;

  /** Beyond so many shards the metrics name none of them singly. */
  private static final int SHARDS_IN_METRICS = 50;

  private final KinesisOptions options;
  private final Pace pace;
  private final MetadataCommitter committer;
  private final HandOver handOver;
  private final ShardScout scout;
  private final TreeMap<Long, Map<String, HandOver.Block>> blocks = new TreeMap<>();
  private SourceOffset initial;
  private MetadataCommitter.Progress lastRun;
  private long progressKeptAt;

  /**
   * @param fanOut pushes the records, or null: then they are polled
   */
  KinesisMicroBatchStream(
      KinesisOptions options,
      KinesisApi api,
      FanOut fanOut,
      Pace pace,
      MetadataCommitter committer,
      HandOver handOver) {
    this.options = options;
    this.pace = pace;
    this.committer = committer;
    this.handOver = handOver;
    this.scout = new ShardScout(api, fanOut, pace, options);
  }

  /** The start of the query, kept before it is first used, so that a restart begins there too. */
  @Override
  public Offset initialOffset() {
    if (initial == null) {
      String kept = committer.initialOffset();
      initial =
          deserializeOffset(
              kept != null ? kept : committer.keepInitialOffset(scout.initial().json()));
    }
    return initial;
  }

  @Override
  public SourceOffset deserializeOffset(String json) {
    SourceOffset offset = SourceOffset.parse(json);
    if (!offset.streamName().equals(options.streamName())) {
      throw new IllegalArgumentException(
          "The checkpoint is of stream "
              + offset.streamName()
              + ", but the option "
              + KinesisOptions.STREAM_NAME
              + " says "
              + options.streamName()
              + ". Use a new checkpoint location for another stream.");
    }
    return offset;
  }

  @Override
  public Offset latestOffset() {
    throw new UnsupportedOperationException("latestOffset(Offset, ReadLimit) is called instead");
  }

  /** All records there are, within the limits of the options; they hold for each shard. */
  @Override
  public ReadLimit getDefaultReadLimit() {
    return ReadLimit.allAvailable();
  }

  @Override
  public void prepareForTriggerAvailableNow() {
    scout.stopAtWhatIsAvailableNow();
  }

  @Override
  public Offset latestOffset(Offset startOffset, ReadLimit limit) {
    SourceOffset start = (SourceOffset) startOffset;
    Optional<Turn> turn = scout.advance(start, lastRunCaughtUpAt(start));
    if (turn.isEmpty()) {
      keepProgress(start, false);
      return start;
    }
    Map<String, HandOver.Block> given = new HashMap<>();
    turn.get().blocks().forEach((shard, bytes) -> given.put(shard, handOver.give(bytes)));
    blocks.put(turn.get().offset().turn(), given);
    return turn.get().offset();
  }

  private long lastRunCaughtUpAt(SourceOffset start) {
    if (lastRun == null) {
      try {
        lastRun = committer.progress();
      } catch (RuntimeException e) {
        LOG.warn("the progress of the last run can't be read; going on without it", e);
        lastRun = MetadataCommitter.Progress.NONE;
      }
    }
    return lastRun.turn() == start.turn() && lastRun.offset().equals(start.json())
        ? lastRun.caughtUpAt()
        : 0;
  }

  /**
   * @throws IllegalStateException if the offsets aren't those of one batch
   */
  @Override
  public InputPartition[] planInputPartitions(Offset startOffset, Offset endOffset) {
    SourceOffset start = (SourceOffset) startOffset;
    SourceOffset end = (SourceOffset) endOffset;
    if (end.turn() == start.turn()) {
      return new InputPartition[0];
    }
    if (end.turn() != start.turn() + 1) {
      throw new IllegalStateException(
          "The checkpoint has a gap: a batch would go from turn "
              + start.turn()
              + " to turn "
              + end.turn()
              + " of stream "
              + options.streamName()
              + ". Entries of its offset log were removed; restore them or use a new checkpoint.");
    }
    Map<String, HandOver.Block> given = blocks.getOrDefault(end.turn(), Map.of());
    List<InputPartition> partitions = new ArrayList<>();
    end.shards()
        .forEach(
            (id, range) -> {
              if (range.records() > 0) {
                partitions.add(new ShardPartition(id, range, given.get(id)));
              }
            });
    return partitions.toArray(InputPartition[]::new);
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return new ShardPartitionReaderFactory(options);
  }

  /** The sink has the batch that ends here: what was kept for it may go. */
  @Override
  public void commit(Offset end) {
    SourceOffset committed = (SourceOffset) end;
    var done = blocks.headMap(committed.turn(), true);
    done.values().forEach(given -> given.values().forEach(HandOver.Block::release));
    done.clear();
    keepProgress(committed, true);
  }

  /**
   * For those who watch, and for the next run's proof that nothing was lost; never needed. Spark
   * looks for a batch only after the one before is done, so {@code reached} is what the sink has.
   */
  private void keepProgress(SourceOffset reached, boolean always) {
    long now = pace.nowMillis();
    if (!always && now - progressKeptAt < PROGRESS_INTERVAL_MILLIS) {
      return;
    }
    progressKeptAt = now;
    long caughtUpAt = always ? reached.caughtUpAt() : scout.caughtUpAt();
    try {
      committer.keepProgress(
          new MetadataCommitter.Progress(reached.json(), reached.turn(), caughtUpAt));
    } catch (RuntimeException e) {
      LOG.warn("the progress of the query can't be kept; its offset log is complete without", e);
    }
  }

  @Override
  public Map<String, String> metrics(Optional<Offset> latestConsumedOffset) {
    Map<String, String> metrics = new TreeMap<>();
    Map<String, Long> behind = scout.millisBehind();
    metrics.put("shards", Integer.toString(behind.size()));
    metrics.put(
        "millisBehindLatest",
        Long.toString(behind.values().stream().mapToLong(Long::longValue).max().orElse(0)));
    if (latestConsumedOffset.orElse(null) instanceof SourceOffset offset) {
      metrics.put(
          "records",
          Long.toString(offset.shards().values().stream().mapToLong(ShardProgress::records).sum()));
      if (offset.shards().size() <= SHARDS_IN_METRICS) {
        offset
            .shards()
            .forEach((id, shard) -> metrics.put("records." + id, Long.toString(shard.records())));
      }
    }
    if (behind.size() <= SHARDS_IN_METRICS) {
      behind.forEach((id, millis) -> metrics.put("millisBehindLatest." + id, millis.toString()));
    }
    return metrics;
  }

  @Override
  public void stop() {
    scout.close();
    blocks.values().forEach(given -> given.values().forEach(HandOver.Block::release));
    blocks.clear();
    committer.close();
  }
}
