package dev.tarn.spark.kinesis;

import java.io.Serializable;
import java.util.Objects;

/**
 * A place in one shard from which reading goes on.
 *
 * @param kind how the place is given
 * @param value the sequence number, or milliseconds since 1970 in decimal, or the empty string
 */
record Position(Kind kind, String value) implements Serializable {
  enum Kind {
    TRIM_HORIZON,
    AT_TIMESTAMP,
    /**
     * The record of this number and what follows. Never stored: used to see that it still exists.
     */
    AT_SEQUENCE_NUMBER,
    AFTER_SEQUENCE_NUMBER
  }

  static final Position TRIM_HORIZON = new Position(Kind.TRIM_HORIZON, "");

  Position {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(value);
  }

  static Position atTimestamp(long epochMillis) {
    return new Position(Kind.AT_TIMESTAMP, Long.toString(epochMillis));
  }

  static Position at(String sequenceNumber) {
    return new Position(Kind.AT_SEQUENCE_NUMBER, sequenceNumber);
  }

  static Position after(String sequenceNumber) {
    return new Position(Kind.AFTER_SEQUENCE_NUMBER, sequenceNumber);
  }

  boolean isAfterRecord() {
    return kind == Kind.AFTER_SEQUENCE_NUMBER;
  }

  /**
   * The form of the offset log: {@code TRIM_HORIZON}, {@code AT_TIMESTAMP:n}, {@code AFTER_…:n}.
   */
  String encode() {
    return value.isEmpty() ? kind.name() : kind.name() + ":" + value;
  }

  /**
   * @throws IllegalArgumentException if the text is no position
   */
  static Position decode(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      if (!text.equals(Kind.TRIM_HORIZON.name())) {
        throw new IllegalArgumentException("not a position in a shard: \"" + text + "\"");
      }
      return TRIM_HORIZON;
    }
    String digits = text.substring(colon + 1);
    if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException("not a position in a shard: \"" + text + "\"");
    }
    return switch (text.substring(0, colon)) {
      case "AT_TIMESTAMP" -> new Position(Kind.AT_TIMESTAMP, digits);
      case "AFTER_SEQUENCE_NUMBER" -> after(digits);
      default -> throw new IllegalArgumentException("not a position in a shard: \"" + text + "\"");
    };
  }

  /**
   * Sequence numbers are decimal strings of up to 129 digits; by length first, they sort as text.
   */
  static int compareSequenceNumbers(String a, String b) {
    return a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
  }
}
