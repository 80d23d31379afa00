package dev.tarn.spark.kinesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code df.write} and {@code df.writeStream} by real Spark into a stream in memory. */
class SinkQueryTest {
  private static SparkSession spark;
  private static FakeAws aws;

  @TempDir Path dir;

  @BeforeAll
  static void start() throws Exception {
    aws = new FakeAws();
    spark = TestSpark.session();
  }

  @AfterAll
  static void stop() throws Exception {
    aws.close();
  }

  private static Dataset<Row> numbers(int count) {
    return spark
        .range(0, count, 1, 2)
        .selectExpr("concat('v', id) AS data", "concat('k', id) AS partitionKey");
  }

  private static DataFrameWriter<Row> writer(Dataset<Row> rows, String stream) {
    return rows.write()
        .format("aws-kinesis")
        .option("kinesis.region", "us-west-2")
        .option("kinesis.streamName", stream)
        .option("kinesis.endpointUrl", aws.url())
        .option("kinesis.retryIntervalMs", "5");
  }

  private static List<String> read(FakeKinesis stream) {
    List<String> result = new ArrayList<>();
    for (ShardInfo shard : stream.listShards()) {
      String iterator = stream.shardIterator(shard.id(), Position.TRIM_HORIZON);
      stream
          .getRecords(iterator, 10_000)
          .records()
          .forEach(
              record ->
                  result.add(
                      record.partitionKey()
                          + "="
                          + new String(record.data(), StandardCharsets.UTF_8)));
    }
    return result.stream().sorted().toList();
  }

  private static List<String> pairs(int count) {
    return java.util.stream.IntStream.range(0, count)
        .mapToObj(i -> "k" + i + "=v" + i)
        .sorted()
        .toList();
  }

  @Test
  void aBatchIsWrittenInRequestsOfFiveHundred() {
    FakeKinesis stream = aws.stream("batch", 2);
    writer(numbers(1_200), "batch").save();
    assertEquals(pairs(1_200), read(stream));
    assertEquals(List.of(100, 100, 500, 500), aws.putCalls.get("batch").stream().sorted().toList());
    writer(numbers(1), "batch").mode("append").save();
    assertEquals(1_201, read(stream).size());
  }

  @Test
  void refusedRecordsAreSentAgainAndNoneIsLostOrTwice() {
    FakeKinesis stream = aws.stream("refused", 1);
    aws.refuseRecords(700);
    writer(numbers(1_000), "refused").save();
    assertEquals(pairs(1_000), read(stream));
  }

  @Test
  void aShardThatRefusesForGoodFailsTheWriteByName() {
    aws.stream("full", 1);
    aws.refuseRecords(Integer.MAX_VALUE);
    var failure =
        assertThrows(
            Exception.class,
            () -> writer(numbers(10), "full").option("kinesis.numRetries", "2").save());
    aws.refuseRecords(0);
    assertTrue(failure.getMessage().contains("Rate exceeded for shard"), failure.getMessage());
  }

  @Test
  void binaryDataAFixedKeyAndAnExplicitHashKey() {
    FakeKinesis stream = aws.stream("forms", 2);
    Dataset<Row> rows =
        spark.sql("SELECT X'00FF' AS data, '1' AS explicitHashKey UNION ALL SELECT X'00FF', null");
    writer(rows, "forms").option("kinesis.partitionKey", "all").save();
    List<StreamRecord> records =
        stream
            .getRecords(stream.shardIterator("shardId-000000000001", Position.TRIM_HORIZON), 10)
            .records();
    assertEquals(2, records.get(0).data().length);
    assertEquals("all", records.get(0).partitionKey());
    assertEquals(2, read(stream).size());
  }

  private static DataStreamWriter<Row> streamWriter(Dataset<Row> rows, String to, Path checkpoint) {
    return rows.writeStream()
        .format("aws-kinesis")
        .option("kinesis.region", "us-west-2")
        .option("kinesis.streamName", to)
        .option("kinesis.endpointUrl", aws.url())
        .option("kinesis.retryIntervalMs", "5")
        .option("checkpointLocation", checkpoint.toString())
        .trigger(Trigger.AvailableNow());
  }

  private static Dataset<Row> source(String from) {
    return spark
        .readStream()
        .format("aws-kinesis")
        .option("kinesis.region", "us-west-2")
        .option("kinesis.streamName", from)
        .option("kinesis.endpointUrl", aws.url())
        .option("kinesis.startingPosition", "TRIM_HORIZON")
        .load();
  }

  @Test
  void aStreamIsCopiedToAnotherColumnsOfTheSourceAndAll() throws Exception {
    writerInto("from", 300);
    FakeKinesis to = aws.stream("to", 1);
    aws.refuseRecords(20);
    streamWriter(source("from"), "to", dir).start().awaitTermination();
    assertEquals(pairs(300), read(to));
    writer(numbers(1), "from").save();
    streamWriter(source("from"), "to", dir).start().awaitTermination();
    assertEquals(301, read(to).size(), "a restart goes on after what was written");
  }

  private static void writerInto(String stream, int count) {
    aws.stream(stream, 2);
    writer(numbers(count), stream).save();
  }

  @Test
  void aKeyFromAColumnOfAnyName() throws Exception {
    writerInto("columns", 5);
    FakeKinesis to = aws.stream("keyed", 1);
    streamWriter(source("columns").selectExpr("data", "partitionKey AS user_id"), "keyed", dir)
        .option("kinesis.partitionKeyColumn", "user_id")
        .start()
        .awaitTermination();
    assertEquals(pairs(5), read(to));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT 1 AS data, 'k' AS partitionKey | data as binary or string; it is int",
        "SELECT 'v' AS value, 'k' AS partitionKey | to_json(struct(*)) AS data",
        "SELECT 'v' AS data | kinesis.partitionKeyColumn",
        "SELECT 'v' AS data, 1 AS partitionKey | CAST(partitionKey AS STRING)",
        "SELECT 'v' AS data, 'k' AS partitionKey, 1 AS clicks | would lose the column clicks",
        "SELECT 'v' AS data, '' AS partitionKey | 1 to 256 characters",
        "SELECT 'v' AS data, repeat('k', 257) AS partitionKey | of 257 characters",
        "SELECT 'v' AS data, CAST(null AS STRING) AS partitionKey | it was null",
        "SELECT CAST(null AS STRING) AS data, 'k' AS partitionKey | column data is null",
        "SELECT 'v' AS data, 'k' AS partitionKey, '340282366920938463463374607431768211456' AS"
            + " explicitHashKey | below 2^128",
      })
  void rowsThatMakeNoRecordAreRefusedWithWhatToChange(String query, String said) {
    aws.stream("rows", 1);
    var failure = assertThrows(Exception.class, () -> writer(spark.sql(query), "rows").save());
    assertTrue(failure.getMessage().contains(said), failure.getMessage());
    assertEquals(List.of(), read(aws.stream("rows")));
  }

  @Test
  void theLongestKeyAndTheLargestHashKeyAreTaken() {
    FakeKinesis stream = aws.stream("limits", 1);
    Dataset<Row> rows = spark.sql("SELECT '' AS data, repeat('é', 256) AS partitionKey");
    writer(rows, "limits").save();
    assertEquals(1, read(stream).size());
    SinkColumns columns =
        SinkColumns.of(
            spark.sql("SELECT '' AS data, '' AS explicitHashKey").schema(),
            SinkOptions.parse(
                java.util.Map.of("kinesis.streamName", "x", "kinesis.partitionKey", "k")));
    String largest = "340282366920938463463374607431768211455";
    Row row = spark.sql("SELECT '' AS data, '" + largest + "' AS explicitHashKey").head();
    assertEquals(largest, columns.record(row).explicitHashKey());
  }

  @ParameterizedTest
  @CsvSource({
    "kinesis.startingposition, LATEST, how to read",
    "kinesis.aggregationEnabled, true, Unknown option",
    "kinesis.numRetries, many, whole number",
    "kinesis.partitionKeyColumn, x, not both",
  })
  void optionsThatMeanNothingHereAreRefusedByName(String name, String value, String said) {
    var failure =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                writer(numbers(1), "options")
                    .option("kinesis.partitionKey", "all")
                    .option(name, value)
                    .save());
    assertTrue(failure.getMessage().contains(name), failure.getMessage());
    assertTrue(failure.getMessage().contains(said), failure.getMessage());
  }

  @Test
  void aStreamingWriteRefusesThemToo() throws Exception {
    writerInto("refusing", 1);
    var atOnce =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                streamWriter(source("refusing"), "x", dir)
                    .option("kinesis.partitonKey", "all")
                    .start());
    assertTrue(atOnce.getMessage().contains("kinesis.partitionKey"), atOnce.getMessage());
    var later =
        assertThrows(
            StreamingQueryException.class,
            () ->
                streamWriter(source("refusing"), "x", dir)
                    .option("kinesis.startingposition", "LATEST")
                    .start()
                    .awaitTermination());
    assertTrue(later.getMessage().contains("kinesis.startingposition"), later.getMessage());
  }

  @Test
  void aStreamIsNotOverwritten() {
    var failure =
        assertThrows(
            IllegalArgumentException.class,
            () -> writer(numbers(1), "options").mode("overwrite").save());
    assertTrue(failure.getMessage().contains("mode(\"append\")"), failure.getMessage());
  }
}
