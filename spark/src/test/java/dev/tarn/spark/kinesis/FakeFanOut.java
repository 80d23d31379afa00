package dev.tarn.spark.kinesis;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Enhanced fan-out of a stream in memory, as strict as the service: a subscription lives five
 * minutes, a second one to the same shard is refused for five seconds and then ends the first.
 */
final class FakeFanOut implements FanOut {
  private static final long LIFE_MILLIS = 5 * 60_000;
  static final long ALONE_MILLIS = 5_000;

  private final FakeKinesis kinesis;
  private final Pace pace;
  private final long aloneMillis;
  private final Map<String, Pushing> current = new HashMap<>();
  int subscriptions;
  boolean silent;

  FakeFanOut(FakeKinesis kinesis, Pace pace) {
    this(kinesis, pace, ALONE_MILLIS);
  }

  /**
   * @param aloneMillis how long a second subscription to the same shard is refused
   */
  FakeFanOut(FakeKinesis kinesis, Pace pace, long aloneMillis) {
    this.aloneMillis = aloneMillis;
    this.kinesis = kinesis;
    this.pace = pace;
  }

  @Override
  public synchronized ShardSubscription subscribe(String shardId, Position from) {
    Pushing old = current.get(shardId);
    if (old != null && pace.nowMillis() - old.madeAt < aloneMillis) {
      throw new KinesisApiException(
          KinesisApiException.Kind.IN_USE, "another subscription is active", null);
    }
    Pushing made = new Pushing(shardId, kinesis.shardIterator(shardId, from));
    subscriptions++;
    current.put(shardId, made);
    return made;
  }

  /** As a server that goes down. */
  synchronized void breakAll() {
    current.values().forEach(pushing -> pushing.broken = true);
  }

  @Override
  public void awaitEvent(long millis) {
    pace.sleepMillis(millis);
  }

  private final class Pushing implements ShardSubscription {
    private final String shardId;
    private final long madeAt = pace.nowMillis();
    private String iterator;
    private boolean spoken;
    private boolean endsNext;
    private boolean broken;

    Pushing(String shardId, String iterator) {
      this.shardId = shardId;
      this.iterator = iterator;
    }

    @Override
    public PushedRecords next(long waitMillis) {
      synchronized (FakeFanOut.this) {
        refuseWhenOver();
        if (endsNext) {
          // As tarn does: an event of its own tells the end of a shard.
          iterator = null;
          endsNext = false;
          return new PushedRecords(List.of(), true, 0);
        }
        Page page = page();
        if (page.nextIterator() == null && !page.records().isEmpty()) {
          endsNext = true;
          return new PushedRecords(page.records(), false, page.millisBehindLatest());
        }
        iterator = page.nextIterator();
        boolean anything = !page.records().isEmpty() || iterator == null || !spoken;
        if (silent || !(anything || page.millisBehindLatest() > 0)) {
          pace.sleepMillis(waitMillis);
          return null;
        }
        spoken = true;
        return new PushedRecords(page.records(), iterator == null, page.millisBehindLatest());
      }
    }

    private void refuseWhenOver() {
      if (broken) {
        throw new KinesisApiException(
            KinesisApiException.Kind.UNAVAILABLE, "the connection was reset", null);
      }
      if (current.get(shardId) != this) {
        throw new KinesisApiException(
            KinesisApiException.Kind.IN_USE, "another subscription took over", null);
      }
      if (iterator == null || pace.nowMillis() - madeAt >= LIFE_MILLIS) {
        throw new KinesisApiException(
            KinesisApiException.Kind.SUBSCRIPTION_OVER, "five minutes are over", null);
      }
    }

    private Page page() {
      try {
        return kinesis.read(iterator, ShardCursor.MAX_PAGE);
      } catch (KinesisApiException e) {
        // What a subscription reads by is no iterator that a client could lose.
        throw e.kind() == KinesisApiException.Kind.INVALID_POSITION
            ? new KinesisApiException(KinesisApiException.Kind.UNAVAILABLE, e.getMessage(), e)
            : e;
      }
    }

    @Override
    public void close() {
      broken = true;
    }
  }
}
