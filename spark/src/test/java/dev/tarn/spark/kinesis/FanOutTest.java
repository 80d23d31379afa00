package dev.tarn.spark.kinesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a subscription goes through: its end, a rival, silence, a broken connection. */
class FanOutTest {
  private static final String S0 = "shardId-000000000000";
  private static final Map<String, String> PUSHED =
      Map.of(
          "kinesis.startingposition", "TRIM_HORIZON",
          "kinesis.consumerType", "SubscribeToShard",
          "kinesis.consumerName", "tests");

  private final FakePace pace = new FakePace();
  private final FakeKinesis kinesis = new FakeKinesis(pace, 1);
  private final FakeQuery query = new FakeQuery(kinesis, pace, PUSHED);

  private void put(int from, int to) {
    for (int i = from; i < to; i++) {
      kinesis.put(S0, "r" + i);
    }
  }

  private void sees(int count) {
    query.drain();
    assertEquals(count, query.rows().size());
    for (int i = 0; i < count; i++) {
      assertEquals("r" + i, query.rows().get(i));
    }
  }

  @Test
  void oneSubscriptionBringsBatchAfterBatch() {
    query.start();
    for (int i = 0; i < 5; i++) {
      put(i, i + 1);
      sees(i + 1);
    }
    assertEquals(1, query.fanOut.subscriptions);
  }

  @Test
  void afterItsFiveMinutesASubscriptionIsRenewedAtTheLastRecord() {
    query.start();
    for (int minute = 0; minute < 30; minute++) {
      put(minute, minute + 1);
      sees(minute + 1);
      pace.sleepMillis(60_000);
    }
    assertTrue(query.fanOut.subscriptions >= 6, "subscriptions " + query.fanOut.subscriptions);
  }

  @Test
  void aRestartWithinFiveSecondsWaitsForTheOldSubscriptionToGo() {
    put(0, 3);
    query.start();
    sees(3);
    query.crash();
    put(3, 4);
    query.start();
    sees(4);
  }

  @Test
  void aSubscriptionTakenByAnotherIsTakenBack() {
    put(0, 1);
    query.start();
    sees(1);
    pace.sleepMillis(5_000);
    query.fanOut.subscribe(S0, Position.TRIM_HORIZON);
    put(1, 2);
    sees(2);
  }

  @Test
  void aRivalThatStaysIsNamedWithTheOption() {
    query.start();
    FanOut rival = (FanOut) query.fanOut;
    Pace rivalsPace = pace;
    FakeQuery other =
        new FakeQuery(
            kinesis,
            new Pace() {
              @Override
              public long nowMillis() {
                return rivalsPace.nowMillis();
              }

              @Override
              public void sleepMillis(long millis) {
                // However long the query waits, the rival has just subscribed again.
                rivalsPace.sleepMillis(Math.max(millis, 5_000));
                rival.subscribe(S0, Position.TRIM_HORIZON);
              }
            },
            PUSHED,
            query.fanOut);
    rival.subscribe(S0, Position.TRIM_HORIZON);
    other.start();
    var refused = assertThrows(KinesisApiException.class, other::trigger);
    assertTrue(refused.getMessage().contains("kinesis.consumerName"), refused.getMessage());
  }

  @Test
  void aServerThatIsRestartedIsSubscribedToAgain() {
    put(0, 2);
    query.start();
    sees(2);
    query.fanOut.breakAll();
    kinesis.failNextCalls(5);
    put(2, 3);
    sees(3);
  }

  @Test
  void aSubscriptionThatFallsSilentIsRenewed() {
    query.start();
    put(0, 1);
    sees(1);
    query.fanOut.silent = true;
    put(1, 2);
    assertFalse(query.trigger());
    pace.sleepMillis(36_000);
    query.fanOut.silent = false;
    sees(2);
    assertEquals(2, query.fanOut.subscriptions);
  }

  @Test
  void oneThatNeverSaysAWordIsAnErrorInBoundedTime() {
    query.start();
    query.fanOut.silent = true;
    var failure = assertThrows(KinesisApiException.class, query::trigger);
    assertTrue(failure.getMessage().contains("nothing for 35 s"), failure.getMessage());
  }

  @Test
  void anEventLargerThanABatchIsReadInSeveral() {
    FakeQuery small =
        new FakeQuery(
            kinesis,
            pace,
            Map.of(
                "kinesis.startingposition", "TRIM_HORIZON",
                "kinesis.consumerType", "SubscribeToShard",
                "kinesis.consumerName", "tests",
                "kinesis.maxFetchRecordsPerShard", "4"));
    put(0, 10);
    List<String> children = kinesis.split(S0);
    kinesis.put(children.get(0), "r10");
    small.start();
    small.drain();
    assertEquals(List.of(4, 4, 2, 1), small.sink.values().stream().map(List::size).toList());
    assertEquals("r10", small.rows().get(10));
  }

  @Test
  void availableNowGoesOnFromAClosedShardToItsChildren() {
    put(0, 3);
    List<String> children = kinesis.split(S0);
    kinesis.put(children.get(0), "r3");
    pace.sleepMillis(1);
    query.start(true);
    sees(4);
  }

  @Test
  void availableNowEndsWithWhatTheStreamHeld() {
    put(0, 7);
    query.start(true);
    sees(7);
    pace.sleepMillis(1);
    put(7, 8);
    assertFalse(query.trigger());
  }
}
