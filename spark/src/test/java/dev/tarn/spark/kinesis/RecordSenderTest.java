package dev.tarn.spark.kinesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How rows become requests, and what happens to those that are refused. */
class RecordSenderTest {
  private final FakePace pace = new FakePace();
  private final Service service = new Service();
  private final RecordSender sender =
      new RecordSender(service, pace, SinkOptions.parse(Map.of("kinesis.streamName", "clicks")));

  /** Stores what it doesn't refuse. */
  private static final class Service implements PutRecordsApi {
    final List<OutgoingRecord> stored = new ArrayList<>();
    final List<Integer> calls = new ArrayList<>();
    int refuseEvery;
    KinesisApiException.Kind failsNext;

    @Override
    public List<String> putRecords(List<OutgoingRecord> records) {
      calls.add(records.size());
      if (failsNext != null) {
        KinesisApiException failure = new KinesisApiException(failsNext, "no", null);
        failsNext = null;
        throw failure;
      }
      List<String> results = new ArrayList<>();
      for (int i = 0; i < records.size(); i++) {
        boolean refused = refuseEvery > 0 && i % refuseEvery == 0;
        results.add(refused ? "ProvisionedThroughputExceededException: slow down" : null);
        if (!refused) {
          stored.add(records.get(i));
        }
      }
      return results;
    }
  }

  private static OutgoingRecord record(int number, int bytes) {
    return new OutgoingRecord(new byte[bytes], Integer.toString(number), null);
  }

  private void add(int count) {
    for (int i = 0; i < count; i++) {
      sender.add(record(i, 10));
    }
  }

  @Test
  void aRequestHasFiveHundredRecordsAtMost() {
    add(501);
    sender.flush();
    assertEquals(List.of(500, 1), service.calls);
    add(500);
    sender.flush();
    assertEquals(List.of(500, 1, 500), service.calls);
    sender.flush();
    assertEquals(3, service.calls.size(), "nothing is sent when there is nothing");
  }

  @Test
  void aRequestHasTenMebibytesAtMostKeysIncluded() {
    int half = (int) (RecordSender.MAX_BYTES / 2) - 1;
    sender.add(record(1, half));
    sender.add(record(2, half));
    sender.flush();
    assertEquals(List.of(2), service.calls);
    sender.add(record(1, half));
    sender.add(record(22, half));
    sender.flush();
    assertEquals(List.of(2, 1, 1), service.calls);
  }

  @Test
  void aRecordThatNoRequestHoldsIsRefusedByItsKeyAndSize() {
    int most = (int) RecordSender.MAX_BYTES - 1;
    sender.add(record(7, most));
    var failure =
        assertThrows(IllegalArgumentException.class, () -> sender.add(record(8, most + 1)));
    assertTrue(failure.getMessage().contains("partition key 8 has 10485761 bytes"));
  }

  @Test
  void onlyTheRefusedRecordsAreSentAgainAfterAWait() {
    service.refuseEvery = 10;
    for (int i = 0; i < 100; i++) {
      sender.add(record(i, 10));
    }
    long before = pace.nowMillis();
    var failure = assertThrows(KinesisApiException.class, sender::flush);
    assertEquals(100, service.calls.get(0));
    assertEquals(10, service.calls.get(1));
    assertEquals(1, service.calls.get(2));
    assertEquals(99, service.stored.size(), "the one left is refused for ever");
    assertTrue(pace.nowMillis() > before);
    assertTrue(failure.getMessage().contains("stored none of 1 records 11 times"));
    assertTrue(failure.getMessage().contains("slow down"), failure.getMessage());
    assertTrue(failure.getMessage().contains("kinesis.numRetries"), failure.getMessage());
    assertTrue(failure.getMessage().contains("clicks"), failure.getMessage());
  }

  @Test
  void aCallWithoutAnswerIsRepeatedWhole() {
    service.failsNext = KinesisApiException.Kind.UNAVAILABLE;
    add(20);
    sender.flush();
    assertEquals(List.of(20, 20), service.calls);
    assertEquals(20, service.stored.size());
  }

  @Test
  void aRefusalThatNoWaitingChangesIsAnErrorAtOnce() {
    service.failsNext = KinesisApiException.Kind.OTHER;
    add(1);
    long before = pace.nowMillis();
    assertThrows(KinesisApiException.class, sender::flush);
    assertEquals(before, pace.nowMillis());
  }
}
