package dev.tarn.spark.kinesis;

/** A refusal by the service, sorted by what the reader does about it. */
final class KinesisApiException extends RuntimeException {
  enum Kind {
    /** ExpiredIteratorException: ask for a new iterator at the last position. */
    EXPIRED_ITERATOR,
    /** ProvisionedThroughputExceededException and its like: wait and repeat. */
    THROTTLED,
    /** No answer, or a 5xx: wait and repeat. */
    UNAVAILABLE,
    /** ResourceInUseException: the consumer has, or had just now, a subscription to the shard. */
    IN_USE,
    /** A subscription came to its end, which is no failure: subscribe again. */
    SUBSCRIPTION_OVER,
    /** ResourceNotFoundException: neither stream nor shard of that name. */
    SHARD_NOT_FOUND,
    /** InvalidArgumentException on a position: the sequence number isn't of this shard. */
    INVALID_POSITION,
    /** All else, after the SDK's own retries. */
    OTHER
  }

  private final Kind kind;

  KinesisApiException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }

  boolean passes() {
    return kind == Kind.THROTTLED || kind == Kind.UNAVAILABLE || kind == Kind.IN_USE;
  }
}
