package dev.tarn.spark.kinesis;

import java.util.List;

/**
 * Reads one shard onward from a position, page by page, whether it asks for the pages or is pushed
 * them. Used by one thread at a time.
 */
abstract class ShardCursor implements AutoCloseable {
  /** The service's own limit of one GetRecords call. */
  static final int MAX_PAGE = 10_000;

  private final String shardId;
  private final Pace pace;
  private Position position;
  private boolean ended;
  private boolean endExpected;
  private boolean proofPending;
  private boolean gapSeen;
  private long lastArrivalMillis;
  private long caughtUpAt;
  private long provenAt;

  ShardCursor(Pace pace, String shardId, Position position) {
    this.pace = pace;
    this.shardId = shardId;
    this.position = position;
  }

  final Position position() {
    return position;
  }

  final String shardId() {
    return shardId;
  }

  /** Whether the shard is closed and its last record was read. */
  final boolean ended() {
    return ended;
  }

  /** The shard is closed: its end is near, and isn't caught up with before it was seen. */
  final void expectEnd() {
    endExpected = true;
  }

  final boolean endExpected() {
    return endExpected;
  }

  /** Arrival of the record at the position, as far as this cursor has seen it; else 0. */
  final long lastArrivalMillis() {
    return lastArrivalMillis;
  }

  /**
   * Every record that isn't read yet arrived at this time or later, as far as this cursor can tell;
   * milliseconds since 1970.
   */
  final long unreadSince() {
    return Math.max(lastArrivalMillis, caughtUpAt);
  }

  /** As {@link #unreadSince}, or, when later, the time at which nothing unread had been dropped. */
  final long wholeAt() {
    return Math.max(unreadSince(), provenAt);
  }

  /**
   * The next page must show that the record of the position still exists: only then it is certain
   * that nothing after it was dropped. Without effect at a position that isn't after a record.
   */
  final void proveNext() {
    if (position.isAfterRecord() && !proofPending) {
      proofPending = true;
      approachForProof();
    }
  }

  /**
   * Whether the record of the position was found missing: what followed may be lost too. Says so
   * once.
   */
  final boolean takeGap() {
    boolean seen = gapSeen;
    gapSeen = false;
    return seen;
  }

  /** Gives the old position up. */
  final void restartAt(Position newPosition) {
    position = newPosition;
    proofPending = false;
    giveUpPlace();
  }

  /**
   * Reads up to {@code limit} records; an empty page is possible anywhere in a shard.
   *
   * @throws KinesisApiException of any kind but EXPIRED_ITERATOR and SUBSCRIPTION_OVER
   */
  final Page next(int limit) {
    long asked = pace.nowMillis();
    Page page = read(limit, proofPending);
    List<StreamRecord> records = page.records();
    if (!records.isEmpty()) {
      StreamRecord last = records.get(records.size() - 1);
      position = Position.after(last.sequenceNumber());
      lastArrivalMillis = last.arrivalMillis();
    }
    ended = page.nextIterator() == null;
    if (!ended && page.millisBehindLatest() == 0) {
      caughtUpAt = asked;
    }
    return page;
  }

  /**
   * @param proving whether {@link #proofFound} or {@link #proofMissing} must be said with the first
   *     record, which is the one after the position
   */
  abstract Page read(int limit, boolean proving);

  /** From the next page on a proof is wanted. */
  abstract void approachForProof();

  /** The position changed: what was opened for the old one is of no use. */
  abstract void giveUpPlace();

  @Override
  public abstract void close();

  final void proofFound(long arrivalMillis) {
    proofPending = false;
    lastArrivalMillis = Math.max(lastArrivalMillis, arrivalMillis);
    provenAt = pace.nowMillis();
  }

  final void proofMissing() {
    proofPending = false;
    gapSeen = true;
  }
}
