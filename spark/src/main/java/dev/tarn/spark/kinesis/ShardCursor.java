package dev.tarn.spark.kinesis;

import java.util.List;

/**
 * Reads one shard onward from a position, page by page: keeps the iterator, renews it when it
 * expired, waits when throttled. Used by one thread at a time.
 */
final class ShardCursor {
  /** The service's own limit of one GetRecords call. */
  static final int MAX_PAGE = 10_000;

  private final KinesisApi api;
  private final Pace pace;
  private final RetryPolicy retry;
  private final String shardId;
  private Position position;
  private String iterator;
  private boolean ended;
  private boolean proofPending;
  private boolean gapSeen;

  /**
   * @param provesNoGap whether to see, before the first read, that the record of the position still
   *     exists; only then it is certain that nothing after it was dropped
   */
  ShardCursor(
      KinesisApi api,
      Pace pace,
      RetryPolicy retry,
      String shardId,
      Position position,
      boolean provesNoGap) {
    this.api = api;
    this.pace = pace;
    this.retry = retry;
    this.shardId = shardId;
    this.position = position;
    this.proofPending = provesNoGap && position.isAfterRecord();
  }

  Position position() {
    return position;
  }

  String shardId() {
    return shardId;
  }

  /** Gives the old position up. */
  void restartAt(Position newPosition) {
    position = newPosition;
    iterator = null;
    proofPending = false;
  }

  /** Whether the shard is closed and its last record was read. */
  boolean ended() {
    return ended;
  }

  /**
   * Whether the record of the start position was found missing: what followed may be lost too. Says
   * so once.
   */
  boolean takeGap() {
    boolean seen = gapSeen;
    gapSeen = false;
    return seen;
  }

  /**
   * Reads up to {@code limit} records; an empty page is possible anywhere in a shard.
   *
   * @throws KinesisApiException of any kind but EXPIRED_ITERATOR
   */
  Page next(int limit) {
    int wanted = Math.min(MAX_PAGE, proofPending ? limit + 1 : limit);
    if (iterator == null) {
      openIterator();
    }
    Page page;
    try {
      page = getRecords(wanted);
    } catch (KinesisApiException e) {
      // A server that was restarted may not know its old iterators: as good as expired.
      if (e.kind() != KinesisApiException.Kind.EXPIRED_ITERATOR
          && e.kind() != KinesisApiException.Kind.INVALID_POSITION) {
        throw e;
      }
      openIterator();
      page = getRecords(wanted);
    }
    if (proofPending && !page.records().isEmpty()) {
      proofPending = false;
      page = withoutProof(page);
    }
    return moveTo(page);
  }

  private Page withoutProof(Page page) {
    List<StreamRecord> records = page.records();
    if (!records.get(0).sequenceNumber().equals(position.value())) {
      gapSeen = true;
      return page;
    }
    return new Page(
        records.subList(1, records.size()), page.nextIterator(), page.millisBehindLatest());
  }

  private Page moveTo(Page page) {
    List<StreamRecord> records = page.records();
    if (!records.isEmpty()) {
      position = Position.after(records.get(records.size() - 1).sequenceNumber());
    }
    iterator = page.nextIterator();
    ended = iterator == null;
    return page;
  }

  private void openIterator() {
    Position from = proofPending ? Position.at(position.value()) : position;
    iterator =
        retry.call(
            pace, "GetShardIterator on shard " + shardId, () -> api.shardIterator(shardId, from));
  }

  private Page getRecords(int limit) {
    String current = iterator;
    return retry.call(pace, "GetRecords on shard " + shardId, () -> api.getRecords(current, limit));
  }
}
