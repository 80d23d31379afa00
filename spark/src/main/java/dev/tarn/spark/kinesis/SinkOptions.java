package dev.tarn.spark.kinesis;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * The options of the sink, checked as those of the source are.
 *
 * @param region AWS Region, or null: then that of the environment
 * @param endpointUrl endpoint of Kinesis, or null: then AWS_ENDPOINT_URL or the Region's own
 * @param partitionKey one key for all rows, or null
 * @param partitionKeyColumn the column that holds the keys
 */
record SinkOptions(
    String region,
    String streamName,
    String endpointUrl,
    String partitionKey,
    String partitionKeyColumn,
    RetryPolicy retry)
    implements Serializable {

  static final String PARTITION_KEY = "kinesis.partitionKey";
  static final String PARTITION_KEY_COLUMN = "kinesis.partitionKeyColumn";

  static final List<String> ONLY_SINK = List.of(PARTITION_KEY, PARTITION_KEY_COLUMN);

  static final List<String> KNOWN =
      List.of(
          KinesisOptions.REGION,
          KinesisOptions.STREAM_NAME,
          KinesisOptions.ENDPOINT_URL,
          PARTITION_KEY,
          PARTITION_KEY_COLUMN,
          KinesisOptions.NUM_RETRIES,
          KinesisOptions.RETRY_INTERVAL_MS,
          KinesisOptions.MAX_RETRY_INTERVAL_MS);

  /**
   * @param given what the user wrote, keys in any case; keys of others are left alone
   * @throws IllegalArgumentException naming the option and what it takes
   */
  static SinkOptions parse(Map<String, String> given) {
    OptionValues options = new OptionValues(given);
    options.refuseUnknown(
        KNOWN, KinesisOptions.KNOWN, " says how to read a stream and has no meaning here.");
    String stream = options.streamName();
    String endpoint = options.url(KinesisOptions.ENDPOINT_URL);
    String key = options.text(PARTITION_KEY);
    String column = options.text(PARTITION_KEY_COLUMN);
    if (key != null && column != null) {
      throw new IllegalArgumentException(
          "aws-kinesis takes "
              + PARTITION_KEY
              + " (one key for all rows) or "
              + PARTITION_KEY_COLUMN
              + " (a column with the keys), not both.");
    }
    if (key != null && key.codePointCount(0, key.length()) > OutgoingRecord.MAX_KEY_CHARACTERS) {
      throw OptionValues.bad(PARTITION_KEY, key, "1 to 256 characters");
    }
    return new SinkOptions(
        options.region(endpoint),
        stream,
        endpoint,
        key,
        column == null ? SinkColumns.PARTITION_KEY : column,
        options.retry());
  }
}
