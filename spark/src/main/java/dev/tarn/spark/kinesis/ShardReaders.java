package dev.tarn.spark.kinesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads several shards at once for {@link ShardScout}. Used by one thread. */
final class ShardReaders implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShardReaders.class);
  private static final int THREADS = 16;

  /** A shard serves five GetRecords calls a second: after an empty page wait as long. */
  private static final long EMPTY_PAGE_PAUSE_MILLIS = 200;

  /** How far back LATEST looks for the newest record: further than clocks differ. */
  static final long NEWEST_LOOKBACK_MILLIS = 5_000;

  private static final long NEWEST_DEADLINE_MILLIS = 30_000;

  private final KinesisApi api;
  private final FanOut fanOut;
  private final Pace pace;
  private final KinesisOptions options;
  private final Retention retention;
  private final ExecutorService pool;

  /**
   * @param fanOut pushes the records, or null: then they are polled
   */
  ShardReaders(
      KinesisApi api, FanOut fanOut, Pace pace, KinesisOptions options, Retention retention) {
    this.retention = retention;
    this.api = api;
    this.fanOut = fanOut;
    this.pace = pace;
    this.options = options;
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "aws-kinesis-scout-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    pool = threads;
  }

  ShardCursor cursor(String shardId, Position from) {
    return fanOut == null
        ? polling(shardId, from)
        : new SubscribedCursor(fanOut, api, pace, options.retry(), shardId, from);
  }

  private PollingCursor polling(String shardId, Position from) {
    return new PollingCursor(api, pace, options.retry(), shardId, from);
  }

  /** Waits as long, or until something was pushed. */
  void awaitNews(long millis) {
    if (fanOut == null) {
      pace.sleepMillis(millis);
    } else {
      fanOut.awaitEvent(millis);
    }
  }

  /**
   * What all looks for one batch have in common.
   *
   * @param caughtUpAt no unread record of any shard arrived before
   * @param availableNowAt 0, or the time of the newest record that must still be read
   * @param budget record bytes that may still be kept for the executors
   */
  record Round(long caughtUpAt, long availableNowAt, AtomicLong budget) {}

  /** Reads every shard until it is caught up or a limit of the options is reached. */
  List<ShardLook> lookAll(List<ShardCursor> cursors, Round round) {
    List<Callable<ShardLook>> tasks = new ArrayList<>();
    for (ShardCursor cursor : cursors) {
      tasks.add(() -> look(cursor, round));
    }
    return all(tasks);
  }

  /**
   * The position after the newest record of each shard. There is no such call, and an iterator of
   * type LATEST can't be kept; so the last seconds are read: the number of their last record is
   * exact. Without a record in them their begin is as good.
   */
  Map<String, Position> newestPositions(List<String> shardIds, long nowMillis) {
    Position lookback = Position.atTimestamp(nowMillis - NEWEST_LOOKBACK_MILLIS);
    List<Callable<Map.Entry<String, Position>>> tasks = new ArrayList<>();
    for (String id : shardIds) {
      tasks.add(
          () -> {
            ShardCursor cursor = polling(id, lookback);
            long deadline = pace.nowMillis() + NEWEST_DEADLINE_MILLIS;
            while (!cursor.ended() && pace.nowMillis() < deadline) {
              Page page = cursor.next(ShardCursor.MAX_PAGE);
              if (page.millisBehindLatest() == 0) {
                break;
              }
              pauseAfter(page);
            }
            return Map.entry(id, cursor.position());
          });
    }
    Map<String, Position> result = new TreeMap<>();
    all(tasks).forEach(entry -> result.put(entry.getKey(), entry.getValue()));
    return result;
  }

  private ShardLook look(ShardCursor cursor, Round round) {
    Position from = cursor.position();
    try {
      return readOn(cursor, from, round);
    } catch (KinesisApiException e) {
      return switch (e.kind()) {
        case SHARD_NOT_FOUND -> {
          lost(cursor, from, "the shard no longer exists.");
          yield new ShardLook(cursor.shardId(), from, from, 0, null, true, true, 0, 0, 0);
        }
        case INVALID_POSITION -> {
          lost(
              cursor,
              from,
              "the service refuses that sequence number ("
                  + e.getMessage()
                  + "); was the stream deleted and created again?");
          cursor.restartAt(Position.TRIM_HORIZON);
          yield readOn(cursor, Position.TRIM_HORIZON, round);
        }
        default -> throw e;
      };
    }
  }

  private ShardLook readOn(ShardCursor cursor, Position from, Round round) {
    RecordBlock.Writer block = new RecordBlock.Writer(round.budget());
    boolean bounded = round.availableNowAt() != 0;
    long deadline = pace.nowMillis() + options.maxFetchMillis();
    long records = 0;
    long behind = 0;
    boolean caughtUp = false;
    while (!cursor.ended() && !caughtUp && records < options.maxFetchRecords()) {
      int limit = (int) Math.min(ShardCursor.MAX_PAGE, options.maxFetchRecords() - records);
      Page page = nextPage(cursor, from, limit, round);
      page.records().forEach(block::add);
      records += page.records().size();
      behind = page.millisBehindLatest();
      caughtUp = behind == 0;
      boolean mustGoOn = bounded && records == 0;
      boolean reachedNow = bounded && cursor.lastArrivalMillis() >= round.availableNowAt();
      if (reachedNow || (pace.nowMillis() >= deadline && !mustGoOn)) {
        break;
      }
      if (!caughtUp && !cursor.ended()) {
        pauseAfter(page);
      }
    }
    return new ShardLook(
        cursor.shardId(),
        from,
        cursor.position(),
        records,
        records > 0 ? block.block() : null,
        cursor.ended(),
        caughtUp,
        behind,
        cursor.lastArrivalMillis(),
        cursor.wholeAt());
  }

  /**
   * Where records may have grown too old before they were read, the page must prove the contrary.
   */
  private Page nextPage(ShardCursor cursor, Position from, int limit, Round round) {
    if (retention.mayHaveDropped(Math.max(round.caughtUpAt(), cursor.unreadSince()))) {
      cursor.proveNext();
    }
    Page page = cursor.next(limit);
    if (cursor.takeGap()) {
      lost(cursor, from, "that record is no longer in the stream, nor may be some after it.");
    }
    return page;
  }

  private void lost(ShardCursor cursor, Position from, String what) {
    String message = "reading was to go on at " + from.encode() + ", but " + what;
    if (options.failOnDataLoss()) {
      throw new DataLossException(options.streamName(), cursor.shardId(), message);
    }
    LOG.warn("Stream {}, shard {}: {}", options.streamName(), cursor.shardId(), message);
  }

  private void pauseAfter(Page page) {
    if (page.records().isEmpty()) {
      pace.sleepMillis(EMPTY_PAGE_PAUSE_MILLIS);
    }
  }

  private <T> List<T> all(List<Callable<T>> tasks) {
    List<Future<T>> futures = new ArrayList<>();
    tasks.forEach(task -> futures.add(pool.submit(task)));
    List<T> results = new ArrayList<>();
    try {
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (InterruptedException e) {
      throw Pace.interrupted();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      futures.forEach(future -> future.cancel(true));
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
