package dev.tarn.spark.kinesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamReader;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real Spark, real AWS SDK, over HTTP to a stream in memory. */
class SparkQueryTest {
  private static final String S0 = "shardId-000000000000";
  private static final String S1 = "shardId-000000000001";
  private static SparkSession spark;
  private static FakeAws aws;

  @TempDir Path dir;
  private final Sink sink = new Sink();

  /** Keeps an epoch's rows once, as a sink with idempotent commits does, and fails when told. */
  private static final class Sink implements VoidFunction2<Dataset<Row>, Long> {
    private static final long serialVersionUID = 1;
    final transient Map<Long, List<String>> epochs = new ConcurrentSkipListMap<>();
    final transient List<List<String>> attempts = new ArrayList<>();
    volatile boolean failsBeforeCommit;
    volatile boolean failsAfterCommit;

    @Override
    public void call(Dataset<Row> rows, Long epoch) {
      List<String> data =
          rows.selectExpr("cast(data as string)").collectAsList().stream()
              .map(row -> row.getString(0))
              .sorted()
              .toList();
      attempts.add(data);
      if (failsBeforeCommit) {
        throw new IllegalStateException("the sink failed before its commit");
      }
      epochs.putIfAbsent(epoch, data);
      if (failsAfterCommit) {
        throw new IllegalStateException("the sink failed after its commit");
      }
    }

    List<String> rows() {
      return epochs.values().stream().flatMap(List::stream).sorted().toList();
    }
  }

  @BeforeAll
  static void start() throws Exception {
    aws = new FakeAws();
    spark = TestSpark.session();
  }

  @AfterAll
  static void stop() throws Exception {
    aws.close();
  }

  private DataStreamReader reader(String stream) {
    return spark
        .readStream()
        .format("aws-kinesis")
        .option("kinesis.region", "us-west-2")
        .option("kinesis.streamName", stream)
        .option("kinesis.endpointUrl", aws.url())
        .option("kinesis.dynamodb.endpointUrl", aws.url())
        .option("kinesis.startingPosition", "TRIM_HORIZON")
        .option("kinesis.pollIntervalMs", "20");
  }

  private DataStreamWriter<Row> writer(DataStreamReader reader) {
    return reader
        .load()
        .writeStream()
        .option("checkpointLocation", dir.resolve("checkpoint").toString())
        .foreachBatch(sink);
  }

  private static void put(FakeKinesis stream, String shard, int from, int to) {
    IntStream.range(from, to).forEach(i -> stream.put(shard, name(i)));
  }

  private static String name(int i) {
    return "r%05d".formatted(i);
  }

  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(SparkQueryTest::name).toList();
  }

  @Test
  void rowsHaveTheSchemaOfTheSource() throws Exception {
    FakeKinesis stream = aws.stream("schema", 1);
    StreamRecord put = stream.put(S0, "user-1", new byte[] {0, 1, (byte) 0xff});
    Dataset<Row> rows = reader("schema").load();
    assertEquals(
        "data binary, streamName string, partitionKey string, sequenceNumber string,"
            + " approximateArrivalTimestamp timestamp",
        String.join(
            ", ",
            List.of(rows.schema().fields()).stream()
                .map(f -> f.name() + " " + f.dataType().simpleString())
                .toList()));
    rows.writeStream()
        .format("memory")
        .queryName("schema")
        .trigger(Trigger.AvailableNow())
        .start()
        .awaitTermination();
    Row row = spark.table("schema").head();
    assertEquals(3, ((byte[]) row.get(0)).length);
    assertEquals("schema", row.getString(1));
    assertEquals("user-1", row.getString(2));
    assertEquals(put.sequenceNumber(), row.getString(3));
    assertEquals(put.arrivalMillis(), row.getTimestamp(4).getTime());
  }

  @Test
  void aRestartGoesOnWhereTheCheckpointEndsAcrossAReshard() throws Exception {
    FakeKinesis stream = aws.stream("restart", 2);
    put(stream, S0, 0, 500);
    put(stream, S1, 500, 900);
    StreamingQuery first = writer(reader("restart")).start();
    first.processAllAvailable();
    first.stop();
    assertEquals(names(900), sink.rows());

    String child = stream.split(S0).get(1);
    put(stream, child, 900, 1_000);
    put(stream, S1, 1_000, 1_100);
    StreamingQuery second = writer(reader("restart")).start();
    second.processAllAvailable();
    put(stream, stream.merge(child, S1), 1_100, 1_200);
    second.processAllAvailable();
    second.stop();
    assertEquals(names(1_200), sink.rows());
  }

  @Test
  void aBatchRunsAgainWithTheSameRowsAfterAFailure() throws Exception {
    FakeKinesis stream = aws.stream("again", 1);
    put(stream, S0, 0, 300);
    sink.failsBeforeCommit = true;
    awaitFailure(writer(reader("again")).start());
    put(stream, S0, 300, 400);
    sink.failsBeforeCommit = false;
    sink.failsAfterCommit = true;
    awaitFailure(writer(reader("again")).start());
    put(stream, S0, 400, 500);
    sink.failsAfterCommit = false;
    StreamingQuery last = writer(reader("again")).start();
    last.processAllAvailable();
    last.stop();
    assertEquals(names(300), sink.attempts.get(0));
    assertEquals(names(300), sink.attempts.get(1));
    assertEquals(names(300), sink.attempts.get(2));
    assertEquals(names(500), sink.rows());
  }

  private static void awaitFailure(StreamingQuery query) {
    assertThrows(StreamingQueryException.class, query::awaitTermination);
  }

  @Test
  void latestStaysPinnedWhenTheQueryDiesBeforeItsFirstBatch() throws Exception {
    FakeKinesis stream = aws.stream("latest", 1);
    stream.put(S0, "too early");
    DataStreamReader latest = reader("latest").option("kinesis.startingposition", "LATEST");
    StreamingQuery first = writer(latest).start();
    first.processAllAvailable();
    first.stop();
    put(stream, S0, 0, 10);
    StreamingQuery second = writer(latest).start();
    second.processAllAvailable();
    second.stop();
    assertEquals(names(10), sink.rows());
  }

  @Test
  void availableNowReadsAllInBatchesOfBoundedSizeAndEnds() throws Exception {
    FakeKinesis stream = aws.stream("now", 2);
    put(stream, S0, 0, 250);
    put(stream, S1, 250, 400);
    writer(reader("now").option("kinesis.maxFetchRecordsPerShard", "100"))
        .trigger(Trigger.AvailableNow())
        .start()
        .awaitTermination();
    assertEquals(names(400), sink.rows());
    assertEquals(3, sink.epochs.size());
  }

  @Test
  void executorsReadTheRangeThemselvesWhenNothingIsHandedOver() throws Exception {
    FakeKinesis stream = aws.stream("direct", 2);
    put(stream, S0, 0, 250);
    put(stream, S1, 250, 400);
    stream.limitPages(40, 3);
    StreamingQuery query = writer(reader("direct").option("kinesis.handOverMaxBytes", "0")).start();
    query.processAllAvailable();
    query.stop();
    assertEquals(names(400), sink.rows());
  }

  @Test
  void manyRecordsTravelAsABroadcast() throws Exception {
    FakeKinesis stream = aws.stream("large", 1);
    put(stream, S0, 0, 5_000);
    StreamingQuery query = writer(reader("large")).start();
    query.processAllAvailable();
    put(stream, S0, 5_000, 5_001);
    query.processAllAvailable();
    query.stop();
    assertEquals(names(5_001), sink.rows());
  }

  @Test
  void anIdleQueryMakesNoBatchAndIsFresh() throws Exception {
    FakeKinesis stream = aws.stream("idle", 1);
    put(stream, S0, 0, 1);
    StreamingQuery query = writer(reader("idle").option("kinesis.pollIntervalMs", "100")).start();
    query.processAllAvailable();
    int calls = stream.getRecordsCalls;
    Thread.sleep(2_000);
    assertEquals(1, sink.epochs.size());
    assertTrue(stream.getRecordsCalls - calls <= 21, "calls " + (stream.getRecordsCalls - calls));
    long put = System.nanoTime();
    put(stream, S0, 1, 2);
    while (sink.epochs.size() < 2 && System.nanoTime() - put < 10_000_000_000L) {
      Thread.sleep(5);
    }
    query.stop();
    assertTrue(query.exception().isEmpty(), "stopping while it waits is no failure");
    assertEquals(names(2), sink.rows());
    assertEquals("1", query.lastProgress().sources()[0].metrics().get("records"));
    assertEquals("0", query.lastProgress().sources()[0].metrics().get("millisBehindLatest"));
  }

  @Test
  void dynamoDbKeepsTheStartOfTheQueryAndItsProgress() throws Exception {
    FakeKinesis stream = aws.stream("dynamo", 1);
    stream.put(S0, "too early");
    DataStreamReader latest =
        reader("dynamo")
            .option("kinesis.startingposition", "LATEST")
            .option("kinesis.metadataCommitterType", "DYNAMODB")
            .option("kinesis.dynamodb.tableName", "offsets");
    StreamingQuery first = writer(latest).start();
    first.processAllAvailable();
    first.stop();
    put(stream, S0, 0, 10);
    StreamingQuery second = writer(latest).start();
    second.processAllAvailable();
    put(stream, S0, 10, 20);
    second.processAllAvailable();
    second.stop();
    assertEquals(names(20), sink.rows());
    assertEquals(List.of("offsets PAY_PER_REQUEST"), aws.createdTables);
    var rows = aws.tables.get("offsets");
    assertEquals(1, rows.size());
    String key = rows.keySet().iterator().next();
    assertEquals(second.id() + "/0", key);
    assertEquals("1", rows.get(key).path("turn").path("N").asText());
    assertTrue(rows.get(key).path("offset").path("S").asText().contains(S0));
    assertFalse(Files.exists(dir.resolve("checkpoint/sources/0/aws-kinesis")));
  }

  @Test
  void theCheckpointKeepsTheStartOfTheQuery() throws Exception {
    aws.stream("hdfs", 1);
    StreamingQuery query = writer(reader("hdfs")).start();
    query.processAllAvailable();
    query.stop();
    Path kept = dir.resolve("checkpoint/sources/0/aws-kinesis/initial.json");
    assertTrue(Files.readString(kept).contains("\"to\":\"TRIM_HORIZON\""));
  }

  @Test
  void twoSourcesInOneQueryKeepApart() throws Exception {
    put(aws.stream("left", 1), S0, 0, 10);
    put(aws.stream("right", 1), S0, 10, 20);
    StreamingQuery query =
        reader("left")
            .load()
            .union(reader("right").load())
            .writeStream()
            .option("checkpointLocation", dir.resolve("checkpoint").toString())
            .foreachBatch(sink)
            .start();
    query.processAllAvailable();
    query.stop();
    assertEquals(names(20), sink.rows());
  }

  @Test
  void badOptionsAreRefusedByLoad() {
    var failure =
        assertThrows(
            IllegalArgumentException.class,
            () -> reader("x").option("kinesis.startingpositon", "LATEST").load());
    assertTrue(failure.getMessage().contains("kinesis.startingposition"), failure.getMessage());
  }

  @Test
  void readingOnceAsABatchIsRefused() {
    var failure =
        assertThrows(
            Exception.class,
            () ->
                spark
                    .read()
                    .format("aws-kinesis")
                    .option("kinesis.streamName", "x")
                    .load()
                    .collectAsList());
    assertTrue(failure.getMessage().contains("spark.readStream"), failure.getMessage());
  }

  @Test
  void hardWiredEndpointsAreReachedThroughTheProxyOfTheJvm() throws Exception {
    put(aws.stream("proxy", 1), S0, 0, 5);
    String port = aws.url().substring(aws.url().lastIndexOf(':') + 1);
    System.setProperty("http.nonProxyHosts", "localhost|127.*");
    System.setProperty("http.proxyHost", "127.0.0.1");
    System.setProperty("http.proxyPort", port);
    try {
      writer(reader("proxy").option("kinesis.endpointUrl", "http://kinesis.nowhere.invalid"))
          .trigger(Trigger.AvailableNow())
          .start()
          .awaitTermination();
    } finally {
      System.clearProperty("http.proxyHost");
      System.clearProperty("http.proxyPort");
    }
    assertEquals(names(5), sink.rows());
  }

  @Test
  void anUnreliableServiceLosesNothing() throws Exception {
    FakeKinesis stream = aws.stream("unreliable", 2);
    DataStreamReader reader = reader("unreliable").option("kinesis.retryIntervalMs", "10");
    StreamingQuery query = writer(reader).start();
    for (int i = 0; i < 5; i++) {
      stream.throttleNextCalls(4);
      stream.failNextCalls(3);
      put(stream, i % 2 == 0 ? S0 : S1, i * 20, i * 20 + 20);
      query.processAllAvailable();
      stream.forgetIterators();
    }
    query.stop();
    assertEquals(names(100), sink.rows());
  }

  @Test
  void aMissingStreamIsNamed() {
    StreamingQueryException failure =
        assertThrows(
            StreamingQueryException.class,
            () -> writer(reader("nowhere")).start().awaitTermination());
    assertTrue(failure.getMessage().contains("Stream nowhere not found"), failure.getMessage());
  }

  @Test
  void offsetsInTheLogAreOfVersionOne() throws Exception {
    put(aws.stream("log", 1), S0, 0, 3);
    writer(reader("log")).trigger(Trigger.AvailableNow()).start().awaitTermination();
    String entry = Files.readString(dir.resolve("checkpoint/offsets/0"));
    Map<String, ShardProgress> shards =
        new TreeMap<>(SourceOffset.parse(entry.lines().toList().get(2)).shards());
    assertEquals(3, shards.get(S0).records());
  }
}
