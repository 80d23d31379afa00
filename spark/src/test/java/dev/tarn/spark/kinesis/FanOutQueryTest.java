package dev.tarn.spark.kinesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SubscribeToShard by real Spark and the real SDK, over HTTP/2 to a stream in memory. */
class FanOutQueryTest {
  private static final String S0 = "shardId-000000000000";
  private static final String S1 = "shardId-000000000001";
  private static SparkSession spark;
  private FakeAws aws;

  @TempDir Path dir;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
  }

  @BeforeEach
  void startServer() throws Exception {
    aws = new FakeAws();
  }

  @AfterEach
  void stopServer() throws Exception {
    aws.close();
  }

  private Dataset<Row> reader(String stream) {
    return spark
        .readStream()
        .format("aws-kinesis")
        .option("kinesis.region", "us-west-2")
        .option("kinesis.streamName", stream)
        .option("kinesis.endpointUrl", aws.url())
        .option("kinesis.consumerType", "SubscribeToShard")
        .option("kinesis.consumerName", "etl")
        .option("kinesis.startingPosition", "TRIM_HORIZON")
        .option("kinesis.retryIntervalMs", "20")
        .load();
  }

  /** Into a table of the stream's name: how long each record is. */
  private void readAvailable(String stream) throws Exception {
    reader(stream)
        .selectExpr("length(data) AS bytes")
        .writeStream()
        .format("memory")
        .queryName(stream)
        .trigger(Trigger.AvailableNow())
        .start()
        .awaitTermination();
  }

  private StreamingQuery query(String stream, Path checkpoint) throws Exception {
    return reader(stream)
        .selectExpr("CAST(data AS STRING) AS data")
        .writeStream()
        .format("parquet")
        .option("path", checkpoint.resolve("rows").toString())
        .option("checkpointLocation", checkpoint.resolve("checkpoint").toString())
        .start();
  }

  private List<String> written() {
    return spark.read().parquet(dir.resolve("rows").toString()).collectAsList().stream()
        .map(row -> row.getString(0))
        .sorted()
        .toList();
  }

  private static void put(FakeKinesis stream, String shard, int from, int to) {
    IntStream.range(from, to).forEach(i -> stream.put(shard, name(i)));
  }

  private static String name(int i) {
    return "r%05d".formatted(i);
  }

  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(FanOutQueryTest::name).toList();
  }

  @Test
  void theConsumerIsRegisteredAndEveryRecordReadOnceAcrossBreaksReshardsAndARestart()
      throws Exception {
    FakeKinesis stream = aws.stream("pushed", 2);
    put(stream, S0, 0, 500);
    put(stream, S1, 500, 900);
    StreamingQuery first = query("pushed", dir);
    first.processAllAvailable();
    aws.breakSubscriptions();
    put(stream, S0, 900, 1_000);
    first.processAllAvailable();
    String child = stream.split(S0).get(1);
    put(stream, child, 1_000, 1_100);
    first.processAllAvailable();
    first.stop();
    assertEquals(names(1_100), written());
    assertEquals(Set.of("arn:aws:kinesis:us-west-2:1:stream/pushed/consumer/etl:1"), aws.consumers);

    put(stream, child, 1_100, 1_200);
    StreamingQuery second = query("pushed", dir);
    second.processAllAvailable();
    put(stream, S1, 1_200, 1_210);
    second.processAllAvailable();
    second.stop();
    assertTrue(second.exception().isEmpty());
    assertEquals(names(1_210), written());
  }

  /** All calls of the SDK's client wait for it, those that come later too. */
  @Test
  void aConnectionThatStandsStillIsGivenUp() throws Exception {
    FakeKinesis stream = aws.stream("still", 2);
    put(stream, S0, 0, 10);
    put(stream, S1, 10, 20);
    aws.standStillOnce();
    StreamingQuery query = query("still", dir);
    query.processAllAvailable();
    query.stop();
    assertEquals(names(20), written());
  }

  @Test
  void aConsumerThatWasRemovedIsRegisteredAgain() throws Exception {
    FakeKinesis stream = aws.stream("removed", 1);
    put(stream, S0, 0, 10);
    StreamingQuery query = query("removed", dir);
    query.processAllAvailable();
    aws.consumers.clear();
    aws.breakSubscriptions();
    put(stream, S0, 10, 20);
    query.processAllAvailable();
    query.stop();
    assertEquals(names(20), written());
  }

  @Test
  void largeEventsComeInFullAndAvailableNowEnds() throws Exception {
    FakeKinesis stream = aws.stream("large", 1);
    byte[] big = new byte[500_000];
    IntStream.range(0, 20).forEach(i -> stream.put(S0, "key", big));
    readAvailable("large");
    assertEquals(20, spark.sql("SELECT * FROM large WHERE bytes = 500000").count());
  }

  /** Those that wait for a reader fill their windows of the one connection, and starve none. */
  @Test
  void moreShardsThanReadersShareAConnection() throws Exception {
    FakeKinesis stream = aws.stream("many", 24);
    byte[] big = new byte[700_000];
    stream.openShards().forEach(s -> IntStream.range(0, 3).forEach(i -> stream.put(s, "k", big)));
    stream.limitPages(1, 0);
    readAvailable("many");
    assertEquals(72, spark.sql("SELECT * FROM many WHERE bytes = 700000").count());
  }
}
