package dev.tarn.spark.kinesis;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The options of the source, checked. Names are compared without regard to case, as Spark gives
 * them; a name beginning with {@code kinesis.} that isn't known is refused.
 *
 * @param region AWS Region, or null: then that of the environment
 * @param endpointUrl endpoint of Kinesis, or null: then AWS_ENDPOINT_URL or the Region's own
 * @param consumerName registered consumer of SubscribeToShard, or null: then GetRecords
 * @param dynamoTable table of the DYNAMODB committer, or null for the HDFS one
 * @param dynamoEndpointUrl endpoint of DynamoDB, or null: then AWS_ENDPOINT_URL or the Region's own
 * @param maxFetchMillis longest time one batch is read from one shard while records keep coming
 * @param describeShardMillis longest time between two ListShards calls
 * @param pollMillis shortest time between two looks at a shard with nothing new
 * @param handOverBytes record bytes of one batch that the driver hands to the executors
 */
record KinesisOptions(
    String region,
    String streamName,
    String endpointUrl,
    String consumerName,
    StartingPosition startingPosition,
    String dynamoTable,
    String dynamoEndpointUrl,
    int maxFetchRecords,
    long maxFetchMillis,
    long describeShardMillis,
    boolean failOnDataLoss,
    long pollMillis,
    long handOverBytes,
    RetryPolicy retry)
    implements Serializable {

  static final String REGION = "kinesis.region";
  static final String STREAM_NAME = "kinesis.streamName";
  static final String ENDPOINT_URL = "kinesis.endpointUrl";
  static final String CONSUMER_TYPE = "kinesis.consumerType";
  static final String CONSUMER_NAME = "kinesis.consumerName";
  static final String STARTING_POSITION = "kinesis.startingposition";
  static final String COMMITTER_TYPE = "kinesis.metadataCommitterType";
  static final String DYNAMODB_TABLE = "kinesis.dynamodb.tableName";
  static final String DYNAMODB_ENDPOINT_URL = "kinesis.dynamodb.endpointUrl";
  static final String MAX_FETCH_RECORDS = "kinesis.maxFetchRecordsPerShard";
  static final String MAX_FETCH_TIME = "kinesis.maxFetchTimePerShardSec";
  static final String DESCRIBE_SHARD_INTERVAL = "kinesis.describeShardInterval";
  static final String FAIL_ON_DATA_LOSS = "kinesis.failOnDataLoss";
  static final String POLL_INTERVAL_MS = "kinesis.pollIntervalMs";
  static final String HAND_OVER_MAX_BYTES = "kinesis.handOverMaxBytes";
  static final String NUM_RETRIES = "kinesis.numRetries";
  static final String RETRY_INTERVAL_MS = "kinesis.retryIntervalMs";
  static final String MAX_RETRY_INTERVAL_MS = "kinesis.maxRetryIntervalMs";

  static final List<String> KNOWN =
      List.of(
          REGION,
          STREAM_NAME,
          ENDPOINT_URL,
          CONSUMER_TYPE,
          CONSUMER_NAME,
          STARTING_POSITION,
          COMMITTER_TYPE,
          DYNAMODB_TABLE,
          DYNAMODB_ENDPOINT_URL,
          MAX_FETCH_RECORDS,
          MAX_FETCH_TIME,
          DESCRIBE_SHARD_INTERVAL,
          FAIL_ON_DATA_LOSS,
          POLL_INTERVAL_MS,
          HAND_OVER_MAX_BYTES,
          NUM_RETRIES,
          RETRY_INTERVAL_MS,
          MAX_RETRY_INTERVAL_MS);

  // https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html
  private static final Pattern CONSUMER_NAME_FORM = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");

  /**
   * @param given what the user wrote, keys in any case; keys of others are left alone
   * @throws IllegalArgumentException naming the option and what it takes
   */
  static KinesisOptions parse(Map<String, String> given) {
    OptionValues options = new OptionValues(given);
    options.refuseUnknown(
        KNOWN, SinkOptions.ONLY_SINK, " says how to write to a stream and has no meaning here.");
    String stream = options.streamName();
    String endpoint = options.url(ENDPOINT_URL);
    return new KinesisOptions(
        options.region(endpoint),
        stream,
        endpoint,
        consumerName(options),
        StartingPosition.parse(options.text(STARTING_POSITION, "LATEST")),
        dynamoTable(options),
        options.url(DYNAMODB_ENDPOINT_URL),
        (int) options.number(MAX_FETCH_RECORDS, 100_000, 1, Integer.MAX_VALUE),
        options.number(MAX_FETCH_TIME, 10, 1, 86_400) * 1_000,
        options.interval(DESCRIBE_SHARD_INTERVAL, "10s"),
        options.flag(FAIL_ON_DATA_LOSS, true),
        options.number(POLL_INTERVAL_MS, 400, 0, 86_400_000),
        options.number(HAND_OVER_MAX_BYTES, 64L << 20, 0, Long.MAX_VALUE),
        options.retry());
  }

  private static String consumerName(OptionValues options) {
    String type = options.text(CONSUMER_TYPE, "GetRecords");
    String name = options.text(CONSUMER_NAME);
    if (name != null && !CONSUMER_NAME_FORM.matcher(name).matches()) {
      throw OptionValues.bad(
          CONSUMER_NAME, name, "1 to 128 of the characters a-z A-Z 0-9 _ . - (a name, no ARN)");
    }
    if (type.equalsIgnoreCase("SubscribeToShard")) {
      return options.required(CONSUMER_NAME, " when " + CONSUMER_TYPE + " is SubscribeToShard");
    }
    if (!type.equalsIgnoreCase("GetRecords")) {
      throw OptionValues.bad(CONSUMER_TYPE, type, "GetRecords or SubscribeToShard");
    }
    return null;
  }

  private static String dynamoTable(OptionValues options) {
    String type = options.text(COMMITTER_TYPE, "HDFS").toUpperCase(Locale.ROOT);
    return switch (type) {
      case "HDFS" -> null;
      case "DYNAMODB" ->
          options.required(DYNAMODB_TABLE, " when " + COMMITTER_TYPE + " is DYNAMODB");
      default ->
          throw OptionValues.bad(COMMITTER_TYPE, type, "HDFS (the query's checkpoint) or DYNAMODB");
    };
  }
}
