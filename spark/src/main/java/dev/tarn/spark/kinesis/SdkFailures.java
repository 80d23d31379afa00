package dev.tarn.spark.kinesis;

import io.netty.channel.ChannelException;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;

/** What the SDK throws, sorted by what the reader does about it. */
final class SdkFailures {
  private static final Set<String> THROTTLES =
      Set.of(
          "ProvisionedThroughputExceededException",
          "LimitExceededException",
          "KMSThrottlingException",
          "ThrottlingException");

  private SdkFailures() {}

  /**
   * @param what names the call
   */
  static KinesisApiException sorted(String what, Throwable thrown) {
    Throwable failure = thrown;
    while (failure instanceof CompletionException && failure.getCause() != null) {
      failure = failure.getCause();
    }
    if (failure instanceof AwsServiceException e) {
      String code = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode();
      KinesisApiException.Kind kind =
          e.statusCode() >= 500 ? KinesisApiException.Kind.UNAVAILABLE : kind(code);
      return new KinesisApiException(kind, what + ": " + code + ": " + e.getMessage(), e);
    }
    return new KinesisApiException(
        causedByNetwork(failure)
            ? KinesisApiException.Kind.UNAVAILABLE
            : KinesisApiException.Kind.OTHER,
        what + ": " + failure.getMessage(),
        failure);
  }

  /**
   * Told from, say, missing credentials, which no waiting brings. The SDK gives a connection that
   * wasn't had in time (a machine that slept, a server that starts) no kind of its own: it is a
   * TimeoutException somewhere below; what goes wrong within HTTP/2 is an exception of Netty's.
   */
  private static boolean causedByNetwork(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof IOException
          || t instanceof TimeoutException
          || t instanceof ApiCallTimeoutException
          || t instanceof ApiCallAttemptTimeoutException
          || t instanceof Http2Exception
          || t instanceof ChannelException) {
        return true;
      }
    }
    return false;
  }

  private static KinesisApiException.Kind kind(String code) {
    if (THROTTLES.contains(code)) {
      return KinesisApiException.Kind.THROTTLED;
    }
    return switch (code) {
      case "ExpiredIteratorException" -> KinesisApiException.Kind.EXPIRED_ITERATOR;
      case "ResourceNotFoundException" -> KinesisApiException.Kind.SHARD_NOT_FOUND;
      case "InvalidArgumentException" -> KinesisApiException.Kind.INVALID_POSITION;
      case "ResourceInUseException" -> KinesisApiException.Kind.IN_USE;
      case "InternalFailureException", "InternalFailure" -> KinesisApiException.Kind.UNAVAILABLE;
      default -> KinesisApiException.Kind.OTHER;
    };
  }
}
