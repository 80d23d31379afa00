package dev.tarn.spark.kinesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The form of docs/formats/aws-kinesis-source.md. */
class SourceOffsetTest {

  private static final String JSON =
      "{\"version\":1,\"stream\":\"clicks\",\"turn\":7,\"caughtUpAt\":1795339800000,\"shards\":{"
          + "\"shardId-000000000000\":{\"from\":\"TRIM_HORIZON\",\"records\":3,"
          + "\"to\":\"AFTER_SEQUENCE_NUMBER:496\",\"closedAt\":1795339800001},"
          + "\"shardId-000000000001\":{\"to\":\"AT_TIMESTAMP:1795339800002\"}}}";

  @Test
  void anOffsetIsWrittenAsDescribed() {
    SourceOffset offset =
        new SourceOffset(
            "clicks",
            7,
            1795339800000L,
            Map.of(
                "shardId-000000000001",
                ShardProgress.startingAt(Position.atTimestamp(1795339800002L)),
                "shardId-000000000000",
                new ShardProgress(
                    Position.TRIM_HORIZON, Position.after("496"), 3, 1795339800001L)));
    assertEquals(JSON, offset.json());
  }

  @Test
  void whatWasWrittenIsReadBack() {
    assertEquals(JSON, SourceOffset.parse(JSON).json());
  }

  @Test
  void aLaterVersionIsRefusedWithWhatToDo() {
    String later = JSON.replace("\"version\":1", "\"version\":2");
    var failure = assertThrows(IllegalArgumentException.class, () -> SourceOffset.parse(later));
    assertTrue(failure.getMessage().contains("version 2"), failure.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{}",
        "7",
        "{\"version\":1}",
        "{\"version\":1,\"shards\":{\"s\":{}}}",
        "{\"version\":1,\"shards\":{\"s\":{\"to\":\"LATEST\"}}}",
        "{\"version\":1,\"shards\":{\"s\":{\"to\":\"AFTER_SEQUENCE_NUMBER:\"}}}"
      })
  void whatIsNoOffsetIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> SourceOffset.parse(text));
  }
}
