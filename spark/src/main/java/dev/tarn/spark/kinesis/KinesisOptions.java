package dev.tarn.spark.kinesis;

import java.io.Serializable;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The options of the source, checked. Names are compared without regard to case, as Spark gives
 * them; a name beginning with {@code kinesis.} that isn't known is refused.
 *
 * @param region AWS Region, or null: then that of the environment
 * @param endpointUrl endpoint of Kinesis, or null: then AWS_ENDPOINT_URL or the Region's own
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

  // https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
  private static final Pattern STREAM_NAME_FORM = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");
  private static final Pattern INTERVAL_FORM = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|min|h)?");
  private static final Pattern REGION_IN_HOST =
      Pattern.compile("kinesis(?:-fips)?\\.([a-z]{2}(?:-[a-z]+)+-\\d+)\\.(?:amazonaws|api).*");

  /**
   * @param given what the user wrote, keys in any case; keys of others are left alone
   * @throws IllegalArgumentException naming the option and what it takes
   */
  static KinesisOptions parse(Map<String, String> given) {
    Map<String, String> options = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    options.putAll(given);
    refuseUnknown(options);
    String stream = required(options, STREAM_NAME);
    if (!STREAM_NAME_FORM.matcher(stream).matches()) {
      throw bad(
          STREAM_NAME, stream, "1 to 128 of the characters a-z A-Z 0-9 _ . - (a name, no ARN)");
    }
    checkConsumer(options);
    String endpoint = url(options, ENDPOINT_URL);
    return new KinesisOptions(
        region(options, endpoint),
        stream,
        endpoint,
        StartingPosition.parse(options.getOrDefault(STARTING_POSITION, "LATEST")),
        dynamoTable(options),
        url(options, DYNAMODB_ENDPOINT_URL),
        (int) number(options, MAX_FETCH_RECORDS, 100_000, 1, Integer.MAX_VALUE),
        number(options, MAX_FETCH_TIME, 10, 1, 86_400) * 1_000,
        interval(options, DESCRIBE_SHARD_INTERVAL, "10s"),
        flag(options, FAIL_ON_DATA_LOSS, true),
        number(options, POLL_INTERVAL_MS, 400, 0, 86_400_000),
        number(options, HAND_OVER_MAX_BYTES, 64L << 20, 0, Long.MAX_VALUE),
        new RetryPolicy(
            (int) number(options, NUM_RETRIES, 10, 0, 1_000),
            number(options, RETRY_INTERVAL_MS, 250, 1, 3_600_000),
            number(options, MAX_RETRY_INTERVAL_MS, 10_000, 1, 3_600_000)));
  }

  private static void refuseUnknown(Map<String, String> options) {
    for (String name : options.keySet()) {
      boolean ours = name.toLowerCase(Locale.ROOT).startsWith("kinesis.");
      if (ours && KNOWN.stream().noneMatch(name::equalsIgnoreCase)) {
        throw new IllegalArgumentException(
            "Unknown option "
                + name
                + " of the source aws-kinesis; did you mean "
                + NearestName.of(name, KNOWN)
                + "? Known options: "
                + String.join(", ", KNOWN)
                + ".");
      }
    }
  }

  private static void checkConsumer(Map<String, String> options) {
    String type = options.getOrDefault(CONSUMER_TYPE, "GetRecords").trim();
    if (type.equalsIgnoreCase("SubscribeToShard")) {
      throw new IllegalArgumentException(
          "Option "
              + CONSUMER_TYPE
              + ": SubscribeToShard (enhanced fan-out) is not implemented by this source; use"
              + " GetRecords, which needs no registered consumer.");
    }
    if (!type.equalsIgnoreCase("GetRecords")) {
      throw bad(CONSUMER_TYPE, type, "GetRecords");
    }
  }

  private static String dynamoTable(Map<String, String> options) {
    String type = options.getOrDefault(COMMITTER_TYPE, "HDFS").trim().toUpperCase(Locale.ROOT);
    return switch (type) {
      case "HDFS" -> null;
      case "DYNAMODB" -> required(options, DYNAMODB_TABLE);
      default -> throw bad(COMMITTER_TYPE, type, "HDFS (the query's checkpoint) or DYNAMODB");
    };
  }

  private static String region(Map<String, String> options, String endpoint) {
    String region = options.get(REGION);
    if (region != null && !region.isBlank()) {
      return region.trim();
    }
    if (endpoint == null) {
      return null;
    }
    Matcher host = REGION_IN_HOST.matcher(URI.create(endpoint).getHost());
    return host.matches() ? host.group(1) : null;
  }

  private static String url(Map<String, String> options, String name) {
    String text = options.get(name);
    if (text == null || text.isBlank()) {
      return null;
    }
    String form = "an http or https URL, such as https://kinesis.us-west-2.amazonaws.com";
    try {
      URI uri = URI.create(text.trim());
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      if (uri.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
        throw bad(name, text, form);
      }
      return uri.toString();
    } catch (IllegalArgumentException e) {
      throw bad(name, text, form);
    }
  }

  private static String required(Map<String, String> options, String name) {
    String value = options.get(name);
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(
          "The source aws-kinesis needs the option "
              + name
              + (name.equals(DYNAMODB_TABLE) ? " when " + COMMITTER_TYPE + " is DYNAMODB." : "."));
    }
    return value.trim();
  }

  private static long number(
      Map<String, String> options, String name, long otherwise, long least, long most) {
    String text = options.get(name);
    if (text == null) {
      return otherwise;
    }
    String form = "a whole number from " + least + " to " + most;
    try {
      long value = Long.parseLong(text.trim());
      if (value < least || value > most) {
        throw bad(name, text, form);
      }
      return value;
    } catch (NumberFormatException e) {
      throw bad(name, text, form);
    }
  }

  private static boolean flag(Map<String, String> options, String name, boolean otherwise) {
    String text = options.get(name);
    if (text == null) {
      return otherwise;
    }
    return switch (text.trim().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw bad(name, text, "true or false");
    };
  }

  private static long interval(Map<String, String> options, String name, String otherwise) {
    String text = options.getOrDefault(name, otherwise).trim().toLowerCase(Locale.ROOT);
    Matcher form = INTERVAL_FORM.matcher(text);
    if (!form.matches()) {
      throw bad(name, text, "a time such as 10s, 500ms or 1m (seconds without a unit)");
    }
    long number = Long.parseLong(form.group(1));
    String unit = form.group(2) == null ? "s" : form.group(2);
    return switch (unit) {
      case "ms" -> number;
      case "s" -> number * 1_000;
      case "h" -> number * 3_600_000;
      default -> number * 60_000;
    };
  }

  static IllegalArgumentException bad(String name, String value, String takes) {
    return new IllegalArgumentException(
        "Option "
            + name
            + " of the source aws-kinesis takes "
            + takes
            + "; it was \""
            + value
            + "\".");
  }
}
