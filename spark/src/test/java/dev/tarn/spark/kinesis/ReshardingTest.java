package dev.tarn.spark.kinesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Splits and merges: parents to their end, then children from their begin. */
class ReshardingTest {
  private static final String S0 = "shardId-000000000000";
  private static final String S1 = "shardId-000000000001";

  private final FakePace pace = new FakePace();
  private final FakeKinesis kinesis = new FakeKinesis(pace, 2);
  private final FakeQuery query =
      new FakeQuery(kinesis, pace, Map.of("kinesis.startingposition", "TRIM_HORIZON"));

  @Test
  void childrenComeInALaterBatchThanTheirParent() {
    kinesis.put(S0, "parent");
    List<String> children = kinesis.split(S0);
    kinesis.put(children.get(0), "left");
    kinesis.put(children.get(1), "right");
    query.start();
    query.drain();
    assertEquals(
        List.of(List.of("parent"), List.of("left", "right")), List.copyOf(query.sink.values()));
  }

  @Test
  void aMergedShardWaitsForBothParents() {
    kinesis.put(S0, "a");
    kinesis.put(S1, "b1");
    kinesis.put(S1, "b2");
    kinesis.put(S1, "b3");
    String merged = kinesis.merge(S0, S1);
    kinesis.put(merged, "after");
    FakeQuery slow =
        new FakeQuery(
            kinesis,
            pace,
            Map.of(
                "kinesis.startingposition", "TRIM_HORIZON",
                "kinesis.maxFetchRecordsPerShard", "2"));
    slow.start();
    slow.drain();
    assertEquals(
        List.of(List.of("a", "b1", "b2"), List.of("b3"), List.of("after")),
        List.copyOf(slow.sink.values()));
  }

  @Test
  void aParentWithNothingLeftDelaysItsChildrenByNoBatch() {
    query.start();
    kinesis.put(S0, "a");
    query.trigger();
    List<String> children = kinesis.split(S0);
    kinesis.put(children.get(1), "b");
    assertTrue(query.trigger());
    assertEquals(List.of("a", "b"), query.rows());
  }

  @Test
  void aReshardWithoutRecordsMakesNoBatch() {
    query.start();
    kinesis.put(S0, "a");
    query.trigger();
    kinesis.split(S0);
    assertFalse(query.trigger());
    assertFalse(query.trigger());
    assertEquals(1, query.offsetLog.size());
  }

  @Test
  void aCrashBetweenParentAndChildrenLosesNothing() {
    query.start();
    kinesis.put(S0, "a");
    List<String> children = kinesis.split(S0);
    query.trigger(FakeQuery.Death.AFTER_HALF_THE_TASKS);
    kinesis.put(children.get(0), "b");
    query.crash();
    query.start();
    query.drain();
    assertEquals(List.of("a", "b"), query.rows());
  }

  @Test
  void latestSkipsTheClosedShardsAndReadsTheirChildren() {
    kinesis.put(S0, "too early");
    List<String> children = kinesis.split(S0);
    pace.sleepMillis(10_000);
    FakeQuery latest = new FakeQuery(kinesis, pace, Map.of());
    latest.start();
    latest.trigger();
    kinesis.put(children.get(0), "a");
    kinesis.put(S1, "b");
    latest.drain();
    assertEquals(List.of("a", "b"), latest.rows().stream().sorted().toList());
  }

  @Test
  void closedShardsAreForgottenOnceTheStreamForgetsThem() {
    query.start();
    kinesis.put(S0, "a");
    List<String> children = kinesis.split(S0);
    query.drain();
    for (int hour = 0; hour < 30; hour++) {
      pace.sleepMillis(3_600_000);
      kinesis.put(children.get(0), "hour " + hour);
      query.drain();
    }
    assertFalse(query.offsetLog.lastEntry().getValue().contains(S0));
    assertEquals(31, query.rows().size());
  }
}
