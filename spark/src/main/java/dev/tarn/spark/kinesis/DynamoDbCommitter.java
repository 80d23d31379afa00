package dev.tarn.spark.kinesis;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;

/**
 * {@code DYNAMODB}: one row for each source of a query, key {@code source} = query id and number of
 * the source. The table is made when absent, with on-demand capacity.
 */
final class DynamoDbCommitter implements MetadataCommitter {
  private static final Logger LOG = LoggerFactory.getLogger(DynamoDbCommitter.class);
  private static final String KEY = "source";
  private static final long ACTIVE_DEADLINE_MILLIS = 120_000;

  /** Rows of queries that made no progress for as long are removed: the longest retention. */
  static final long ROW_LIFE_MILLIS = 365 * 86_400_000L;

  private final DynamoDbClient client;
  private final Pace pace;
  private final String table;
  private final String source;
  private final String streamName;

  /**
   * @param source names this source of this query, for good and alone
   * @throws IllegalStateException if the table can't be made or has another key
   */
  DynamoDbCommitter(KinesisOptions options, Pace pace, String source) {
    this.client = AwsClients.dynamoDb(options);
    this.pace = pace;
    this.table = options.dynamoTable();
    this.source = source;
    this.streamName = options.streamName();
    try {
      makeTable();
      removeOldRows();
    } catch (SdkException e) {
      client.close();
      throw failed(e);
    }
  }

  @Override
  public String initialOffset() {
    return row().getOrDefault("initialOffset", string("")).s().transform(DynamoDbCommitter::orNull);
  }

  @Override
  public String keepInitialOffset(String offset) {
    Map<String, AttributeValue> row = new HashMap<>(key());
    row.put("stream", string(streamName));
    row.put("initialOffset", string(offset));
    row.put("updatedAt", number(pace.nowMillis()));
    try {
      client.putItem(
          b ->
              b.tableName(table)
                  .item(row)
                  .conditionExpression("attribute_not_exists(#k)")
                  .expressionAttributeNames(Map.of("#k", KEY)));
      return offset;
    } catch (ConditionalCheckFailedException e) {
      String kept = initialOffset();
      return kept != null ? kept : offset;
    } catch (SdkException e) {
      throw failed(e);
    }
  }

  @Override
  public Progress progress() {
    Map<String, AttributeValue> row = row();
    if (!row.containsKey("turn")) {
      return Progress.NONE;
    }
    return new Progress(
        row.get("offset").s(),
        Long.parseLong(row.get("turn").n()),
        Long.parseLong(row.get("caughtUpAt").n()));
  }

  @Override
  public void keepProgress(Progress progress) {
    try {
      client.updateItem(
          b ->
              b.tableName(table)
                  .key(key())
                  .updateExpression("SET #s = :s, #o = :o, #t = :t, #c = :c, #u = :u")
                  .expressionAttributeNames(
                      Map.of(
                          "#s",
                          "stream",
                          "#o",
                          "offset",
                          "#t",
                          "turn",
                          "#c",
                          "caughtUpAt",
                          "#u",
                          "updatedAt"))
                  .expressionAttributeValues(
                      Map.of(
                          ":s", string(streamName),
                          ":o", string(progress.offset()),
                          ":t", number(progress.turn()),
                          ":c", number(progress.caughtUpAt()),
                          ":u", number(pace.nowMillis()))));
    } catch (SdkException e) {
      throw failed(e);
    }
  }

  private Map<String, AttributeValue> row() {
    try {
      return client.getItem(b -> b.tableName(table).key(key()).consistentRead(true)).item();
    } catch (SdkException e) {
      throw failed(e);
    }
  }

  private Map<String, AttributeValue> key() {
    return Map.of(KEY, string(source));
  }

  private void makeTable() {
    TableDescription found = describe();
    if (found == null) {
      try {
        client.createTable(
            b ->
                b.tableName(table)
                    .billingMode(BillingMode.PAY_PER_REQUEST)
                    .keySchema(
                        KeySchemaElement.builder().attributeName(KEY).keyType(KeyType.HASH).build())
                    .attributeDefinitions(
                        AttributeDefinition.builder()
                            .attributeName(KEY)
                            .attributeType(ScalarAttributeType.S)
                            .build()));
        LOG.info("made the DynamoDB table {}", table);
      } catch (ResourceInUseException e) {
        LOG.debug("another query makes the table {}", table);
      }
    }
    long deadline = pace.nowMillis() + ACTIVE_DEADLINE_MILLIS;
    while ((found = describe()) == null || found.tableStatus() != TableStatus.ACTIVE) {
      if (pace.nowMillis() > deadline) {
        throw new IllegalStateException(
            "DynamoDB table " + table + " did not become ACTIVE within 120 s.");
      }
      pace.sleepMillis(250);
    }
    List<KeySchemaElement> keys = found.keySchema();
    if (keys.size() != 1 || !keys.get(0).attributeName().equals(KEY)) {
      throw new IllegalStateException(
          "DynamoDB table "
              + table
              + " has another key than the one attribute \""
              + KEY
              + "\" (string): it belongs to something else. Name another table in "
              + KinesisOptions.DYNAMODB_TABLE
              + ".");
    }
  }

  private TableDescription describe() {
    try {
      return client.describeTable(b -> b.tableName(table)).table();
    } catch (ResourceNotFoundException e) {
      return null;
    }
  }

  private void removeOldRows() {
    long oldest = pace.nowMillis() - ROW_LIFE_MILLIS;
    Map<String, AttributeValue> from = Map.of();
    do {
      ScanRequest.Builder scan = ScanRequest.builder().tableName(table);
      if (!from.isEmpty()) {
        scan.exclusiveStartKey(from);
      }
      ScanResponse answer = client.scan(scan.build());
      for (Map<String, AttributeValue> row : answer.items()) {
        AttributeValue updated = row.get("updatedAt");
        if (updated != null && Long.parseLong(updated.n()) < oldest) {
          client.deleteItem(b -> b.tableName(table).key(Map.of(KEY, row.get(KEY))));
        }
      }
      from = answer.hasLastEvaluatedKey() ? answer.lastEvaluatedKey() : Map.of();
    } while (!from.isEmpty());
  }

  private IllegalStateException failed(SdkException e) {
    return new IllegalStateException(
        "aws-kinesis can't use the DynamoDB table "
            + table
            + " of "
            + KinesisOptions.DYNAMODB_TABLE
            + ": "
            + e.getMessage(),
        e);
  }

  private static String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static AttributeValue string(String value) {
    return AttributeValue.fromS(value);
  }

  private static AttributeValue number(long value) {
    return AttributeValue.fromN(Long.toString(value));
  }

  @Override
  public void close() {
    client.close();
  }
}
