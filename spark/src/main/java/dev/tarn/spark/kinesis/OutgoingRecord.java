package dev.tarn.spark.kinesis;

import java.nio.charset.StandardCharsets;

/**
 * One record to put.
 *
 * @param explicitHashKey decimal, or null: then the partition key's MD5 chooses the shard
 */
record OutgoingRecord(byte[] data, String partitionKey, String explicitHashKey) {
  // https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecordsRequestEntry.html
  static final int MAX_KEY_CHARACTERS = 256;

  /** What it counts in a request: data and key. */
  long bytes() {
    return data.length + (long) partitionKey.getBytes(StandardCharsets.UTF_8).length;
  }
}
