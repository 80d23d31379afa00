package dev.tarn.spark.kinesis;

import java.io.Serializable;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Locale;

/**
 * Where a query without a checkpoint begins.
 *
 * @param timestampMillis for AT_TIMESTAMP, milliseconds since 1970
 */
record StartingPosition(Kind kind, long timestampMillis) implements Serializable {
  enum Kind {
    LATEST,
    TRIM_HORIZON,
    AT_TIMESTAMP
  }

  /**
   * @param text LATEST, TRIM_HORIZON, EARLIEST (the same), or AT_TIMESTAMP and a time: ISO-8601
   *     with an offset, or milliseconds since 1970
   * @throws IllegalArgumentException naming the forms
   */
  static StartingPosition parse(String text) {
    String[] words = text.trim().split("\\s+", 2);
    switch (words[0].toUpperCase(Locale.ROOT)) {
      case "LATEST":
        return alone(Kind.LATEST, words, text);
      case "TRIM_HORIZON", "EARLIEST":
        return alone(Kind.TRIM_HORIZON, words, text);
      case "AT_TIMESTAMP":
        if (words.length == 2) {
          return new StartingPosition(Kind.AT_TIMESTAMP, millis(words[1], text));
        }
        throw bad(text);
      default:
        throw bad(text);
    }
  }

  private static StartingPosition alone(Kind kind, String[] words, String text) {
    if (words.length > 1) {
      throw bad(text);
    }
    return new StartingPosition(kind, 0);
  }

  private static long millis(String time, String text) {
    try {
      return time.matches("\\d{1,15}")
          ? Long.parseLong(time)
          : OffsetDateTime.parse(time).toInstant().toEpochMilli();
    } catch (DateTimeException e) {
      throw bad(text);
    }
  }

  private static IllegalArgumentException bad(String text) {
    return OptionValues.bad(
        KinesisOptions.STARTING_POSITION,
        text,
        "LATEST, TRIM_HORIZON, EARLIEST, or AT_TIMESTAMP and a time as in \"AT_TIMESTAMP"
            + " 2026-11-22T09:30:00Z\"");
  }
}
