package dev.tarn.spark.kinesis;

/** Records between a recorded position and what the stream still holds are gone, or may be. */
public final class DataLossException extends RuntimeException {
  DataLossException(String streamName, String shardId, String what) {
    super(
        "Stream "
            + streamName
            + ", shard "
            + shardId
            + ": "
            + what
            + " To go on with what the stream still holds, set the option "
            + KinesisOptions.FAIL_ON_DATA_LOSS
            + " to false; to start anew, use a new checkpoint location. A longer retention period"
            + " of the stream (IncreaseStreamRetentionPeriod) gives a stopped query more time.");
  }
}
