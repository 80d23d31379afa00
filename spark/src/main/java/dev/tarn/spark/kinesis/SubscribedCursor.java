package dev.tarn.spark.kinesis;

import java.util.List;

/**
 * Is pushed its pages by SubscribeToShard: subscribes anew when a subscription ends after its five
 * minutes, breaks, or falls silent. Between two events of one subscription nothing is asked of the
 * service. Keeps one event in memory. May be closed by another thread, after the reading one was
 * interrupted.
 */
final class SubscribedCursor extends ShardCursor {
  /**
   * A subscription says at least how far behind it is about every five seconds; after as long
   * without a word it is given up, as Amazon's own client library does.
   * https://docs.aws.amazon.com/streams/latest/dev/troubleshooting-consumers.html
   */
  private static final long SILENCE_MILLIS = 35_000;

  /**
   * For five seconds after a call a second one for the same shard is refused.
   * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html
   */
  private static final long IN_USE_MILLIS = 6_000;

  private static final long IN_USE_PAUSE_MILLIS = 500;

  private static final long PROOF_PAUSE_MILLIS = 250;

  /** Not null, as that is the end of a shard. */
  private static final String OPEN = "subscribed";

  private static final long UNKNOWN = -1;

  private final FanOut fanOut;
  private final KinesisApi api;
  private final Pace pace;
  private final RetryPolicy retry;
  private ShardSubscription subscription;
  private List<StreamRecord> unread = List.of();
  private boolean unreadIsLast;
  private long behind = UNKNOWN;
  private long heardAt;
  private boolean closed;

  /**
   * @param api proves that nothing was dropped, which a subscription can't
   */
  SubscribedCursor(
      FanOut fanOut,
      KinesisApi api,
      Pace pace,
      RetryPolicy retry,
      String shardId,
      Position position) {
    super(pace, shardId, position);
    this.fanOut = fanOut;
    this.api = api;
    this.pace = pace;
    this.retry = retry;
  }

  @Override
  synchronized Page read(int limit, boolean proving) {
    if (closed) {
      throw Pace.interrupted();
    }
    if (unread.isEmpty()) {
      PushedRecords event =
          retry.call(pace, "SubscribeToShard on shard " + shardId(), this::nextEvent);
      if (event == null) {
        return new Page(List.of(), OPEN, 0);
      }
      unread = event.records();
      unreadIsLast = event.last();
      behind = event.millisBehindLatest();
      if (proving && !unread.isEmpty()) {
        prove();
      }
    }
    int count = Math.min(limit, unread.size());
    List<StreamRecord> taken = unread.subList(0, count);
    unread = unread.subList(count, unread.size());
    boolean ends = unread.isEmpty() && unreadIsLast;
    return new Page(taken, ends ? null : OPEN, unread.isEmpty() ? behind() : Math.max(1, behind));
  }

  /** The end of a shard may be told by an event of its own, after one that was behind nothing. */
  private long behind() {
    return endExpected() && !unreadIsLast ? Math.max(1, behind) : behind;
  }

  /** Null when the shard has nothing new. */
  private PushedRecords nextEvent() {
    while (true) {
      if (subscription == null) {
        subscription = subscribe();
        behind = UNKNOWN;
        heardAt = pace.nowMillis();
      }
      long patience = heardAt + SILENCE_MILLIS - pace.nowMillis();
      boolean idle = behind == 0 && !endExpected();
      PushedRecords event = take(idle ? 0 : Math.max(0, patience));
      if (event != null) {
        heardAt = pace.nowMillis();
        return event;
      }
      if (idle && subscription != null && patience > 0) {
        return null;
      }
      if (subscription != null) {
        fallenSilent(idle);
      }
    }
  }

  /** After a restart the old subscription stands in the way for a moment. */
  private ShardSubscription subscribe() {
    long deadline = pace.nowMillis() + IN_USE_MILLIS;
    while (true) {
      try {
        return fanOut.subscribe(shardId(), position());
      } catch (KinesisApiException e) {
        if (e.kind() != KinesisApiException.Kind.IN_USE || pace.nowMillis() >= deadline) {
          throw e;
        }
        pace.sleepMillis(IN_USE_PAUSE_MILLIS);
      }
    }
  }

  /** Null when there is none, and without a subscription when that is over. */
  private PushedRecords take(long waitMillis) {
    try {
      return subscription.next(waitMillis);
    } catch (KinesisApiException e) {
      giveUpPlace();
      if (e.kind() != KinesisApiException.Kind.SUBSCRIPTION_OVER) {
        throw e;
      }
      behind = UNKNOWN;
      return null;
    }
  }

  private void fallenSilent(boolean idle) {
    giveUpPlace();
    if (!idle) {
      throw new KinesisApiException(
          KinesisApiException.Kind.UNAVAILABLE,
          "the subscription was pushed nothing for " + SILENCE_MILLIS / 1_000 + " s",
          null);
    }
  }

  /** If the record of the position is still there, so was all that came after it. */
  private void prove() {
    PollingCursor proof = new PollingCursor(api, pace, retry, shardId(), position());
    proof.proveNext();
    Page page = proof.next(1);
    while (page.records().isEmpty() && page.millisBehindLatest() > 0 && !proof.ended()) {
      pace.sleepMillis(PROOF_PAUSE_MILLIS);
      page = proof.next(1);
    }
    if (proof.takeGap()) {
      proofMissing();
    } else {
      proofFound(proof.lastArrivalMillis());
    }
  }

  /** The subscription goes on; another way shows whether the record is there. */
  @Override
  void approachForProof() {}

  @Override
  synchronized void giveUpPlace() {
    if (subscription != null) {
      subscription.close();
      subscription = null;
    }
    // What wasn't taken yet comes again: the position is before it.
    unread = List.of();
  }

  @Override
  public synchronized void close() {
    closed = true;
    giveUpPlace();
  }
}
