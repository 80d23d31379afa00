package dev.tarn.spark.kinesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the service does to a reader: throttling, expiry, retention. */
class TroubleTest {
  private static final String S0 = "shardId-000000000000";
  private static final long HOUR = 3_600_000L;
  private static final Map<String, String> STRICT =
      Map.of("kinesis.startingposition", "TRIM_HORIZON");
  private static final Map<String, String> LENIENT =
      Map.of("kinesis.startingposition", "TRIM_HORIZON", "kinesis.failOnDataLoss", "false");

  private final FakePace pace = new FakePace();
  private final FakeKinesis kinesis = new FakeKinesis(pace, 1);

  private FakeQuery query(Map<String, String> options) {
    FakeQuery query = new FakeQuery(kinesis, pace, options);
    query.start();
    return query;
  }

  @Test
  void throttledCallsAreRepeated() {
    kinesis.put(S0, "a");
    FakeQuery query = query(STRICT);
    kinesis.throttleNextCalls(7);
    query.drain();
    assertEquals(List.of("a"), query.rows());
  }

  @Test
  void aServerThatIsRestartedIsWaitedFor() {
    kinesis.put(S0, "a");
    FakeQuery query = query(STRICT);
    query.drain();
    kinesis.put(S0, "b");
    kinesis.failNextCalls(7);
    kinesis.forgetIterators();
    query.drain();
    assertEquals(List.of("a", "b"), query.rows());
  }

  @Test
  void aServerThatStaysAwayIsNamed() {
    FakeQuery query = query(STRICT);
    query.drain();
    kinesis.failNextCalls(Integer.MAX_VALUE);
    var failure = assertThrows(KinesisApiException.class, query::trigger);
    assertTrue(failure.getMessage().contains("had no answer 11 times"), failure.getMessage());
    assertTrue(failure.getMessage().contains("kinesis.numRetries"), failure.getMessage());
  }

  @Test
  void throttlingWithoutEndFailsInBoundedTimeAndNamesTheOptions() {
    kinesis.put(S0, "a");
    FakeQuery query = query(STRICT);
    kinesis.throttleNextCalls(Integer.MAX_VALUE);
    long before = pace.nowMillis();
    var failure = assertThrows(KinesisApiException.class, query::trigger);
    assertTrue(failure.getMessage().contains("kinesis.numRetries"), failure.getMessage());
    assertTrue(failure.getMessage().contains(S0), failure.getMessage());
    assertTrue(pace.nowMillis() - before < 70_000);
    kinesis.throttleNextCalls(0);
    query.drain();
    assertEquals(List.of("a"), query.rows());
  }

  @Test
  void anExpiredIteratorIsRenewedAtTheLastRecord() {
    FakeQuery query = query(STRICT);
    kinesis.put(S0, "a");
    query.drain();
    kinesis.put(S0, "b");
    pace.sleepMillis(6 * 60_000);
    query.drain();
    assertEquals(List.of("a", "b"), query.rows());
  }

  @Test
  void anIteratorThatExpiresWithinABatchIsRenewedToo() {
    FakePace slow = new FakePace();
    FakeKinesis stream = new FakeKinesis(slow, 1);
    for (int i = 0; i < 10; i++) {
      stream.put(S0, "r" + i);
    }
    ShardCursor cursor =
        new PollingCursor(stream, slow, new RetryPolicy(0, 1, 1), S0, Position.TRIM_HORIZON);
    assertEquals(4, cursor.next(4).records().size());
    slow.sleepMillis(6 * 60_000);
    assertEquals("r4", text(cursor.next(4).records().get(0)));
  }

  private static String text(StreamRecord record) {
    return new String(record.data(), java.nio.charset.StandardCharsets.UTF_8);
  }

  /**
   * Reads a record while four arrive, until the oldest unread one is as old as the stream keeps.
   */
  private void fallBehind(FakeQuery query) {
    kinesis.limitPages(1, 0);
    for (int i = 0; query.rows().size() < 600; i++) {
      for (int n = 4 * i; n < 4 * i + 4; n++) {
        kinesis.put(S0, "n" + n);
      }
      pace.sleepMillis(4 * 60_000);
      query.trigger();
    }
  }

  private static Map<String, String> oneAtATime(boolean strict, String consumerType) {
    return Map.of(
        "kinesis.startingposition", "TRIM_HORIZON",
        "kinesis.maxFetchRecordsPerShard", "1",
        "kinesis.consumerType", consumerType,
        "kinesis.consumerName", "tests",
        "kinesis.failOnDataLoss", Boolean.toString(strict));
  }

  @ParameterizedTest
  @CsvSource({"GetRecords, false", "GetRecords, true", "SubscribeToShard, false"})
  void aRunningQueryThatIsSlowerThanTheRetentionPeriodIsReported(
      String consumerType, boolean refusesOldPlaces) {
    kinesis.refusesOldPlaces = refusesOldPlaces;
    FakeQuery query = query(oneAtATime(true, consumerType));
    var loss = assertThrows(DataLossException.class, () -> fallBehind(query));
    assertTrue(loss.getMessage().contains("no longer in the stream"), loss.getMessage());
    List<String> rows = query.rows();
    for (int i = 0; i < rows.size(); i++) {
      assertEquals("n" + i, rows.get(i), "up to the loss nothing is missing");
    }
    assertTrue(rows.size() > 300, "the loss comes no sooner than the period has passed");
  }

  @ParameterizedTest
  @CsvSource({"GetRecords, false", "GetRecords, true", "SubscribeToShard, false"})
  void orGoesOnWithWhatIsLeft(String consumerType, boolean refusesOldPlaces) {
    kinesis.refusesOldPlaces = refusesOldPlaces;
    FakeQuery query = query(oneAtATime(false, consumerType));
    fallBehind(query);
    List<String> rows = query.rows();
    assertEquals(rows.size(), Set.copyOf(rows).size(), "none twice");
    int last = Integer.parseInt(rows.get(rows.size() - 1).substring(1));
    assertTrue(last > rows.size() + 100, "many were passed over");
  }

  @Test
  void aChildShardReachedLaterThanTheRetentionPeriodIsReported() {
    FakeQuery query = query(oneAtATime(true, "GetRecords"));
    kinesis.retentionMillis = 48 * HOUR;
    for (int i = 0; i < 450; i++) {
      kinesis.put(S0, "n" + i);
    }
    kinesis.put(kinesis.split(S0).get(0), "of the child");
    for (int i = 0; i < 449; i++) {
      pace.sleepMillis(4 * 60_000);
      query.trigger();
    }
    kinesis.retentionMillis = 24 * HOUR;
    var loss = assertThrows(DataLossException.class, query::drain);
    assertTrue(loss.getMessage().contains("shardId-00000000000"), loss.getMessage());
  }

  @Test
  void recordsDroppedWhileTheQueryWasDownAreReportedByShardAndNumber() {
    StreamRecord read = kinesis.put(S0, "a");
    FakeQuery query = query(STRICT);
    query.drain();
    query.crash();
    kinesis.put(S0, "lost");
    pace.sleepMillis(25 * HOUR);
    kinesis.put(S0, "c");
    query.start();
    var loss = assertThrows(DataLossException.class, query::trigger);
    for (String named :
        List.of(S0, "clicks", read.sequenceNumber(), "kinesis.failOnDataLoss", "retention")) {
      assertTrue(loss.getMessage().contains(named), named + " in: " + loss.getMessage());
    }
  }

  @Test
  void withFailOnDataLossOffTheQueryGoesOnWithWhatIsLeft() {
    kinesis.put(S0, "a");
    FakeQuery query = query(LENIENT);
    query.drain();
    query.crash();
    kinesis.put(S0, "lost");
    pace.sleepMillis(25 * HOUR);
    kinesis.put(S0, "c");
    query.start();
    query.drain();
    assertEquals(List.of("a", "c"), query.rows());
  }

  @Test
  void aQueryThatWasIdleForDaysAndDownForAMomentRaisesNoFalseAlarm() {
    kinesis.put(S0, "a");
    FakeQuery query = query(STRICT);
    query.drain();
    for (int hour = 0; hour < 72; hour++) {
      pace.sleepMillis(HOUR);
      assertFalse(query.trigger());
    }
    kinesis.put(S0, "b");
    query.trigger();
    for (int hour = 0; hour < 72; hour++) {
      pace.sleepMillis(HOUR);
      assertFalse(query.trigger());
    }
    query.crash();
    pace.sleepMillis(HOUR);
    kinesis.put(S0, "c");
    query.start();
    query.drain();
    assertEquals(List.of("a", "b", "c"), query.rows());
  }

  @Test
  void aLongerRetentionPeriodOfTheStreamCounts() {
    kinesis.retentionMillis = 7 * 24 * HOUR;
    kinesis.put(S0, "a");
    FakeQuery query = query(STRICT);
    query.drain();
    query.crash();
    pace.sleepMillis(6 * 24 * HOUR);
    kinesis.put(S0, "b");
    query.start();
    query.drain();
    assertEquals(List.of("a", "b"), query.rows());
  }

  @Test
  void aQueryAtLatestThatSawNoRecordAndWasDownTooLongIsReported() {
    FakeQuery query = query(Map.of());
    assertFalse(query.trigger());
    query.crash();
    kinesis.put(S0, "lost");
    pace.sleepMillis(25 * HOUR);
    query.start();
    var loss = assertThrows(DataLossException.class, query::trigger);
    assertTrue(loss.getMessage().contains("no record of it was read"), loss.getMessage());
  }

  @Test
  void aShardGoneWithItsRecordsIsReportedOrPassedOver() {
    kinesis.put(S0, "a");
    FakeQuery strict = query(STRICT);
    FakeQuery lenient = query(LENIENT);
    strict.drain();
    lenient.drain();
    strict.crash();
    lenient.crash();
    kinesis.put(S0, "lost");
    List<String> children = kinesis.split(S0);
    pace.sleepMillis(30 * HOUR);
    kinesis.put(children.get(0), "b");
    strict.start();
    var loss = assertThrows(DataLossException.class, strict::trigger);
    assertTrue(loss.getMessage().contains("no longer exists"), loss.getMessage());
    lenient.start();
    lenient.drain();
    assertEquals(List.of("a", "b"), lenient.rows());
  }

  @Test
  void aBatchToRunAgainWhoseRecordsAreGoneIsReported() {
    kinesis.put(S0, "a");
    pace.sleepMillis(HOUR);
    kinesis.put(S0, "b");
    FakeQuery query = query(STRICT);
    query.trigger(FakeQuery.Death.AFTER_OFFSET_LOG);
    query.crash();
    pace.sleepMillis(23 * HOUR + HOUR / 2);
    var loss = assertThrows(DataLossException.class, query::start);
    assertTrue(loss.getMessage().contains("there were 2 records"), loss.getMessage());
  }

  @Test
  void aStreamMadeAnewUnderTheOldNameIsReported() {
    FakeKinesis renewed = new FakeKinesis(pace, 1);
    kinesis.put(S0, "a");
    FakeQuery query = query(STRICT);
    query.drain();
    FakeQuery onRenewed = new FakeQuery(renewed, pace, STRICT);
    onRenewed.offsetLog.putAll(query.offsetLog);
    onRenewed.commitLog.putAll(query.commitLog);
    onRenewed.start();
    var loss = assertThrows(DataLossException.class, onRenewed::trigger);
    assertTrue(loss.getMessage().contains("created again"), loss.getMessage());
  }
}
