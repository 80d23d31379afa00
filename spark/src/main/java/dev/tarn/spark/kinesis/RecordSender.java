package dev.tarn.spark.kinesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts the records of one task into a stream, in requests as large as the service takes. A record
 * that was refused is sent again until it is stored; {@link #flush} returns when all are. Holds one
 * request in memory. Used by one thread.
 */
final class RecordSender {
  // https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
  static final int MAX_RECORDS = 500;
  static final long MAX_BYTES = 10L << 20;

  private final PutRecordsApi api;
  private final Backoff backoff;
  private final String streamName;
  private final List<OutgoingRecord> batch = new ArrayList<>(MAX_RECORDS);
  private long bytes;

  RecordSender(PutRecordsApi api, Pace pace, SinkOptions options) {
    this.api = api;
    this.backoff = new Backoff(options.retry(), pace);
    this.streamName = options.streamName();
  }

  /**
   * @throws IllegalArgumentException for a record that no request can hold
   * @throws KinesisApiException as {@link #flush}
   */
  void add(OutgoingRecord record) {
    long size = record.bytes();
    if (size > MAX_BYTES) {
      throw new IllegalArgumentException(
          "A record with the partition key "
              + record.partitionKey()
              + " has "
              + size
              + " bytes; PutRecords takes "
              + MAX_BYTES
              + " at most, key included.");
    }
    if (batch.size() == MAX_RECORDS || bytes + size > MAX_BYTES) {
      flush();
    }
    batch.add(record);
    bytes += size;
  }

  /**
   * Returns when everything added is stored.
   *
   * @throws KinesisApiException when the service refuses, or as many tries in a row as the options
   *     allow stored nothing. What was stored stays stored
   */
  void flush() {
    List<OutgoingRecord> left = List.copyOf(batch);
    backoff.reset();
    while (!left.isEmpty()) {
      List<OutgoingRecord> refused = new ArrayList<>();
      Map<String, Integer> reasons = new TreeMap<>();
      KinesisApiException failure = attempt(left, refused, reasons);
      if (refused.size() < left.size()) {
        backoff.reset();
      }
      if (!refused.isEmpty() && !backoff.waitBeforeRepeat()) {
        throw givenUp(refused.size(), reasons, failure);
      }
      left = refused;
    }
    batch.clear();
    bytes = 0;
  }

  private KinesisApiException attempt(
      List<OutgoingRecord> records, List<OutgoingRecord> refused, Map<String, Integer> reasons) {
    try {
      List<String> results = api.putRecords(records);
      for (int i = 0; i < records.size(); i++) {
        if (results.get(i) != null) {
          refused.add(records.get(i));
          reasons.merge(results.get(i), 1, Integer::sum);
        }
      }
      return null;
    } catch (KinesisApiException e) {
      if (!e.passes()) {
        throw e;
      }
      refused.addAll(records);
      reasons.put(e.getMessage(), records.size());
      return e;
    }
  }

  private KinesisApiException givenUp(
      int left, Map<String, Integer> reasons, KinesisApiException failure) {
    return new KinesisApiException(
        failure == null ? KinesisApiException.Kind.THROTTLED : failure.kind(),
        "PutRecords on stream "
            + streamName
            + " stored none of "
            + left
            + " records "
            + backoff.attempts()
            + " times in a row: "
            + reasons
            + ". A shard takes 1,000 records and 1 MB a second: add shards, spread the partition"
            + " keys, or raise "
            + RetryPolicy.OPTIONS
            + ". The task fails and its rows are written again, those that are stored too.",
        failure);
  }
}
