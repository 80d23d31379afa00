package dev.tarn.spark.kinesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user may write, and what an error says. */
class KinesisOptionsTest {

  private static KinesisOptions parse(String... pairs) {
    Map<String, String> options = new HashMap<>(Map.of("kinesis.streamName", "clicks"));
    for (int i = 0; i < pairs.length; i += 2) {
      options.put(pairs[i], pairs[i + 1]);
    }
    return KinesisOptions.parse(options);
  }

  private static String refusal(String... pairs) {
    return assertThrows(IllegalArgumentException.class, () -> parse(pairs)).getMessage();
  }

  @Test
  void theOptionsOfTheGuidanceAreTaken() {
    KinesisOptions options =
        parse(
            "kinesis.region", "us-west-2",
            "kinesis.consumerType", "GetRecords",
            "kinesis.endpointUrl", "https://kinesis.us-west-2.amazonaws.com",
            "kinesis.startingposition", "LATEST",
            "kinesis.metadataCommitterType", "DYNAMODB",
            "kinesis.dynamodb.tableName", "offsets");
    assertEquals("us-west-2", options.region());
    assertEquals("offsets", options.dynamoTable());
    assertEquals(StartingPosition.Kind.LATEST, options.startingPosition().kind());
  }

  @Test
  void namesAreTakenInAnyCaseAndOthersLeftAlone() {
    KinesisOptions options = parse("KINESIS.MAXFETCHRECORDSPERSHARD", "7", "path", "x");
    assertEquals(7, options.maxFetchRecords());
  }

  @Test
  void theRegionIsFoundInTheEndpoint() {
    assertEquals(
        "eu-central-1",
        parse("kinesis.endpointUrl", "https://kinesis.eu-central-1.amazonaws.com").region());
    assertNull(parse("kinesis.endpointUrl", "http://127.0.0.1:4566").region());
  }

  @Test
  void anUnknownNameIsRefusedWithTheNearestAndAllOthers() {
    String message = refusal("kinesis.startingpositon", "LATEST");
    assertTrue(message.contains("kinesis.startingpositon"), message);
    assertTrue(message.contains("did you mean kinesis.startingposition?"), message);
    KinesisOptions.KNOWN.forEach(name -> assertTrue(message.contains(name), name));
  }

  @Test
  void aStreamNameIsNeeded() {
    var failure =
        assertThrows(IllegalArgumentException.class, () -> KinesisOptions.parse(Map.of()));
    assertTrue(failure.getMessage().contains("kinesis.streamName"), failure.getMessage());
  }

  @Test
  void aTableNameIsNeededForDynamoDb() {
    assertTrue(
        refusal("kinesis.metadataCommitterType", "DYNAMODB")
            .contains("kinesis.dynamodb.tableName"));
  }

  @Test
  void aConsumerNameIsNeededForSubscribeToShardAndWithoutEffectOtherwise() {
    assertTrue(
        refusal("kinesis.consumerType", "SubscribeToShard").contains("kinesis.consumerName"));
    assertEquals(
        "etl",
        parse("kinesis.consumerType", "subscribetoshard", "kinesis.consumerName", "etl")
            .consumerName());
    assertNull(parse("kinesis.consumerName", "etl").consumerName());
  }

  @Test
  void aNameWithoutItsPrefixIsToldHowToBeWritten() {
    var failure =
        assertThrows(
            IllegalArgumentException.class,
            () -> KinesisOptions.parse(Map.of("streamName", "clicks")));
    assertTrue(
        failure.getMessage().contains("write kinesis.streamName instead"), failure.getMessage());
  }

  @Test
  void anOptionOfTheSinkIsRefusedAsSuch() {
    assertTrue(refusal("kinesis.partitionKey", "x").contains("how to write"));
  }

  @ParameterizedTest
  @CsvSource({
    "kinesis.streamName, arn:aws:kinesis:us-west-2:1:stream/x",
    "kinesis.consumerType, Polling",
    "kinesis.consumerName, arn:aws:kinesis:us-west-2:1:stream/x/consumer/y:1",
    "kinesis.startingposition, NEWEST",
    "kinesis.startingposition, AT_TIMESTAMP",
    "kinesis.startingposition, AT_TIMESTAMP yesterday",
    "kinesis.startingposition, LATEST please",
    "kinesis.metadataCommitterType, S3",
    "kinesis.endpointUrl, kinesis.us-west-2.amazonaws.com",
    "kinesis.endpointUrl, ftp://x",
    "kinesis.maxFetchRecordsPerShard, 0",
    "kinesis.maxFetchRecordsPerShard, many",
    "kinesis.maxFetchTimePerShardSec, 1.5",
    "kinesis.describeShardInterval, soon",
    "kinesis.failOnDataLoss, yes",
    "kinesis.numRetries, -1",
  })
  void aBadValueIsRefusedWithItsOptionAndItself(String name, String value) {
    String message = refusal(name, value);
    assertTrue(message.contains(name), message);
    assertTrue(message.toLowerCase().contains(value.toLowerCase()), message);
  }

  @ParameterizedTest
  @CsvSource({"10, 10000", "250ms, 250", "2s, 2000", "3m, 180000", "3 min, 180000", "1h, 3600000"})
  void intervalsHaveUnits(String text, long millis) {
    assertEquals(millis, parse("kinesis.describeShardInterval", text).describeShardMillis());
  }

  @ParameterizedTest
  @CsvSource({
    "AT_TIMESTAMP 2026-11-22T09:30:00Z, 1795339800000",
    "at_timestamp 2026-11-22T10:30:00+01:00, 1795339800000",
    "AT_TIMESTAMP 1795339800000, 1795339800000"
  })
  void aTimeToStartAtIsIsoOrMilliseconds(String text, long millis) {
    assertEquals(
        new StartingPosition(StartingPosition.Kind.AT_TIMESTAMP, millis),
        parse("kinesis.startingposition", text).startingPosition());
  }
}
