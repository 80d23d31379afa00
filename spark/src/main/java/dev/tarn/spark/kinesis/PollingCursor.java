package dev.tarn.spark.kinesis;

import java.util.List;

/**
 * Asks for one page after the other by GetRecords: keeps the iterator, renews it when it expired,
 * waits when throttled.
 */
final class PollingCursor extends ShardCursor {
  private final KinesisApi api;
  private final Pace pace;
  private final RetryPolicy retry;
  private String iterator;

  PollingCursor(KinesisApi api, Pace pace, RetryPolicy retry, String shardId, Position position) {
    super(pace, shardId, position);
    this.api = api;
    this.pace = pace;
    this.retry = retry;
  }

  @Override
  Page read(int limit, boolean proving) {
    int wanted = Math.min(MAX_PAGE, proving ? limit + 1 : limit);
    Page page = page(wanted, proving);
    iterator = page.nextIterator();
    return proving && !page.records().isEmpty() ? withoutProof(page) : page;
  }

  private Page page(int wanted, boolean proving) {
    if (iterator == null) {
      iterator = open(start(proving));
    }
    try {
      return getRecords(wanted);
    } catch (KinesisApiException e) {
      // A server that was restarted may not know its old iterators: as good as expired.
      if (e.kind() != KinesisApiException.Kind.EXPIRED_ITERATOR
          && e.kind() != KinesisApiException.Kind.INVALID_POSITION) {
        throw e;
      }
    }
    iterator = open(start(proving));
    try {
      return getRecords(wanted);
    } catch (KinesisApiException e) {
      if (e.kind() != KinesisApiException.Kind.EXPIRED_ITERATOR) {
        throw e;
      }
    }
    // A new iterator is not too old: the place it stands at is.
    proofMissing();
    iterator = open(Position.TRIM_HORIZON);
    return getRecords(wanted);
  }

  private Position start(boolean proving) {
    return proving ? Position.at(position().value()) : position();
  }

  private Page withoutProof(Page page) {
    List<StreamRecord> records = page.records();
    StreamRecord first = records.get(0);
    if (!first.sequenceNumber().equals(position().value())) {
      proofMissing();
      return page;
    }
    proofFound(first.arrivalMillis());
    return new Page(
        records.subList(1, records.size()), page.nextIterator(), page.millisBehindLatest());
  }

  private String open(Position from) {
    return retry.call(
        pace, "GetShardIterator on shard " + shardId(), () -> api.shardIterator(shardId(), from));
  }

  private Page getRecords(int limit) {
    String current = iterator;
    return retry.call(
        pace, "GetRecords on shard " + shardId(), () -> api.getRecords(current, limit));
  }

  /** The record itself is read once more. */
  @Override
  void approachForProof() {
    iterator = null;
  }

  @Override
  void giveUpPlace() {
    iterator = null;
  }

  @Override
  public void close() {}
}
