package dev.tarn.spark.kinesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every record once, whatever dies and when. */
class ExactlyOnceTest {
  private static final String S0 = "shardId-000000000000";
  private static final Map<String, String> FROM_START =
      Map.of("kinesis.startingposition", "TRIM_HORIZON");

  private final FakePace pace = new FakePace();
  private final FakeKinesis kinesis = new FakeKinesis(pace, 2);

  private FakeQuery query(Map<String, String> options) {
    FakeQuery query = new FakeQuery(kinesis, pace, options);
    query.start();
    return query;
  }

  private void put(String... data) {
    for (String d : data) {
      kinesis.put(S0, d);
      pace.sleepMillis(1);
    }
  }

  @ParameterizedTest
  @EnumSource(FakeQuery.Death.class)
  void aBatchThatRunsAgainReadsTheSameThoughMoreHasArrived(FakeQuery.Death death) {
    put("a", "b");
    kinesis.put("shardId-000000000001", "c");
    FakeQuery query = query(FROM_START);
    query.trigger(death);
    query.crash();
    put("d", "e");
    query.start();
    assertEquals(List.of("a", "b", "c"), query.sink.get(0));
    query.drain();
    assertEquals(List.of("a", "b", "c", "d", "e"), query.rows());
  }

  @Test
  void aRetriedTaskReadsTheSame() {
    put("a", "b");
    FakeQuery query = query(FROM_START);
    query.trigger();
    put("c");
    query.trigger();
    put("d");
    assertEquals(List.of("a", "b"), query.readAgain(0));
    assertEquals(List.of("c"), query.readAgain(1));
  }

  @Test
  void theEndStandsInTheOffsetLogBeforeTheBatchRuns() {
    put("a");
    StreamRecord last = kinesis.put(S0, "b");
    FakeQuery query = query(FROM_START);
    query.trigger(FakeQuery.Death.AFTER_OFFSET_LOG);
    ShardProgress range = SourceOffset.parse(query.offsetLog.get(0)).shards().get(S0);
    assertEquals(
        new ShardProgress(Position.TRIM_HORIZON, Position.after(last.sequenceNumber()), 2, 0),
        range);
  }

  @Test
  void latestIsPinnedBeforeTheFirstBatchAndHoldsAcrossARestart() {
    put("too early", "too early as well");
    FakeQuery query = query(Map.of());
    assertFalse(query.trigger());
    put("a");
    query.crash();
    put("b");
    query.start();
    query.drain();
    assertEquals(List.of("a", "b"), query.rows());
  }

  @Test
  void latestInAStreamQuietForAWhileLosesNothing() {
    put("too early");
    pace.sleepMillis(60_000);
    FakeQuery query = query(Map.of());
    assertFalse(query.trigger());
    put("a");
    query.drain();
    assertEquals(List.of("a"), query.rows());
  }

  @Test
  void aRestartNeedsNoMetadataOfTheBatchBefore() {
    put("a");
    FakeQuery query = query(FROM_START);
    query.drain();
    put("b");
    query.trigger(FakeQuery.Death.AFTER_SINK);
    query.crash();
    query.committer.initial = null;
    query.committer.progress = MetadataCommitter.Progress.NONE;
    put("c");
    query.start();
    query.drain();
    assertEquals(List.of("a", "b", "c"), query.rows());
  }

  @Test
  void theFirstBatchRunsAgainWithoutItsPinnedStart() {
    put("too early");
    FakeQuery query = query(Map.of());
    assertFalse(query.trigger());
    put("a", "b");
    query.trigger(FakeQuery.Death.AFTER_SINK);
    query.crash();
    query.committer.initial = null;
    put("c");
    query.start();
    query.drain();
    assertEquals(List.of("a", "b", "c"), query.rows());
  }

  @Test
  void aCommitterThatFailsToKeepProgressStopsNothing() {
    FakeQuery query = query(FROM_START);
    query.committer.broken = true;
    for (int i = 0; i < 5; i++) {
      put("r" + i);
      assertTrue(query.trigger());
    }
    assertEquals(List.of("r0", "r1", "r2", "r3", "r4"), query.rows());
  }

  @Test
  void anIdleStreamMakesNoBatchAndIsNotAskedMoreOftenThanThePollInterval() {
    put("a");
    FakeQuery query =
        query(
            Map.of(
                "kinesis.startingposition", "TRIM_HORIZON",
                "kinesis.pollIntervalMs", "250"));
    assertTrue(query.trigger());
    int before = kinesis.getRecordsCalls;
    long end = pace.nowMillis() + 10_000;
    while (pace.nowMillis() < end) {
      assertFalse(query.trigger());
      pace.sleepMillis(10);
    }
    int calls = kinesis.getRecordsCalls - before;
    assertEquals(1, query.offsetLog.size());
    assertTrue(calls >= 2 * 39 && calls <= 2 * 41, calls + " calls in 10 s for two shards");
  }

  @Test
  void aBatchTakesNoMoreOfAShardThanMaxFetchRecordsPerShard() {
    put("a", "b", "c", "d", "e");
    FakeQuery query =
        query(
            Map.of(
                "kinesis.startingposition", "TRIM_HORIZON",
                "kinesis.maxFetchRecordsPerShard", "2"));
    query.drain();
    assertEquals(
        List.of(List.of("a", "b"), List.of("c", "d"), List.of("e")),
        List.copyOf(query.sink.values()));
  }

  @Test
  void aBatchTakesNoLongerForAShardThanMaxFetchTimePerShardSec() {
    kinesis.limitPages(1, 2); // every second page is empty, after which the reader waits 200 ms
    for (int i = 0; i < 100; i++) {
      put("r" + i);
    }
    FakeQuery query =
        query(
            Map.of(
                "kinesis.startingposition", "TRIM_HORIZON",
                "kinesis.maxFetchTimePerShardSec", "1"));
    query.drain();
    assertEquals(100, query.rows().size());
    assertTrue(query.sink.size() >= 10, query.sink.size() + " batches");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "130", "67108864"})
  void whatTheDriverHandsOverIsWhatTheExecutorWouldRead(String handOverMaxBytes) {
    put("a", "b");
    kinesis.put("shardId-000000000001", "c");
    FakeQuery query =
        query(
            Map.of(
                "kinesis.startingposition",
                "TRIM_HORIZON",
                "kinesis.handOverMaxBytes",
                handOverMaxBytes));
    query.drain();
    assertEquals(List.of("a", "b", "c"), query.rows());
    assertEquals(List.of("a", "b", "c"), query.readAgain(0));
  }

  @Test
  void aLogWithEntriesRemovedIsRefused() {
    FakeQuery query = query(FROM_START);
    for (String r : List.of("a", "b", "c")) {
      put(r);
      query.trigger();
    }
    var stream = query.stream();
    var first = stream.deserializeOffset(query.offsetLog.get(0));
    var third = stream.deserializeOffset(query.offsetLog.get(2));
    var refused =
        assertThrows(IllegalStateException.class, () -> stream.planInputPartitions(first, third));
    assertTrue(refused.getMessage().contains("from turn 1 to turn 3"), refused.getMessage());
  }

  @Test
  void aCheckpointOfAnotherStreamIsRefused() {
    put("a");
    FakeQuery query = query(FROM_START);
    query.trigger();
    String foreign = query.offsetLog.get(0).replace("clicks", "views");
    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> query.stream().deserializeOffset(foreign));
    assertTrue(refused.getMessage().contains("of stream views"), refused.getMessage());
  }

  @Test
  void availableNowEndsThoughRecordsKeepComing() {
    put("a", "b", "c");
    FakeQuery query =
        new FakeQuery(
            kinesis,
            pace,
            Map.of(
                "kinesis.startingposition", "TRIM_HORIZON",
                "kinesis.maxFetchRecordsPerShard", "2"));
    query.start(true);
    pace.sleepMillis(10);
    int batches = 0;
    while (query.trigger()) {
      put("later " + batches);
      assertTrue(++batches < 10, "it goes on for ever");
    }
    assertTrue(query.rows().containsAll(List.of("a", "b", "c")));
    query.crash();
    query.start(true);
    query.drain();
    assertEquals(3 + batches, query.rows().size());
    assertEquals(3 + batches, query.rows().stream().distinct().count());
  }

  @Test
  void availableNowGoesThroughChildShards() {
    put("a");
    List<String> children = kinesis.split(S0);
    kinesis.put(children.get(0), "b");
    String grandchild = kinesis.split(children.get(0)).get(1);
    kinesis.put(grandchild, "c");
    FakeQuery query = new FakeQuery(kinesis, pace, FROM_START);
    query.start(true);
    query.drain();
    assertEquals(List.of("a", "b", "c"), query.rows());
  }

  @Test
  void metricsTellWhereTheQueryStands() {
    put("a", "b");
    FakeQuery query = query(FROM_START);
    query.trigger();
    Map<String, String> metrics =
        query.stream()
            .metrics(
                java.util.Optional.of(query.stream().deserializeOffset(query.offsetLog.get(0))));
    assertEquals("0", metrics.get("millisBehindLatest"));
    assertEquals("2", metrics.get("records"));
    assertEquals("2", metrics.get("records." + S0));
    assertEquals("2", metrics.get("shards"));
  }

  @Test
  void progressIsKeptForThoseWhoWatch() {
    FakeQuery query = query(FROM_START);
    put("a");
    query.trigger();
    put("b");
    query.trigger();
    assertEquals(query.offsetLog.get(0), query.committer.progress.offset());
    assertNotEquals(0, query.committer.progress.caughtUpAt());
  }
}
