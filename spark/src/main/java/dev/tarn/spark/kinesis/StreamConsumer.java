package dev.tarn.spark.kinesis;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerDescription;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

/**
 * A consumer by its name: registered when absent, and left registered, as a query that stopped may
 * start again. Safe for use by several threads.
 */
final class StreamConsumer {
  private static final Logger LOG = LoggerFactory.getLogger(StreamConsumer.class);
  private static final long ACTIVE_DEADLINE_MILLIS = 120_000;
  private static final long PAUSE_MILLIS = 250;

  private final KinesisClient client;
  private final Pace pace;
  private final RetryPolicy retry;
  private final String streamName;
  private final String consumerName;
  private String arn;

  StreamConsumer(KinesisClient client, Pace pace, KinesisOptions options) {
    this.client = client;
    this.pace = pace;
    this.retry = options.retry();
    this.streamName = options.streamName();
    this.consumerName = options.consumerName();
  }

  /**
   * The ARN of the consumer, once it is ACTIVE.
   *
   * @throws KinesisApiException when it can't be registered, or isn't ACTIVE within two minutes
   */
  synchronized String arn() {
    if (arn == null) {
      arn = retry.call(pace, what("RegisterStreamConsumer"), this::findOrRegister);
    }
    return arn;
  }

  /**
   * Looks anew whether the consumer is there.
   *
   * @return whether it was gone, and is registered again
   */
  synchronized boolean renew() {
    String old = arn;
    arn = null;
    return !arn().equals(old);
  }

  private String findOrRegister() {
    try {
      String streamArn =
          client
              .describeStreamSummary(b -> b.streamName(streamName))
              .streamDescriptionSummary()
              .streamARN();
      long deadline = pace.nowMillis() + ACTIVE_DEADLINE_MILLIS;
      while (pace.nowMillis() < deadline) {
        ConsumerDescription found = describe(streamArn);
        if (found == null) {
          register(streamArn);
        } else if (found.consumerStatus() == ConsumerStatus.ACTIVE) {
          return found.consumerARN();
        }
        // CREATING, or DELETING: then it is registered anew when it is gone.
        pace.sleepMillis(PAUSE_MILLIS);
      }
    } catch (SdkException e) {
      throw SdkFailures.sorted(what("registering"), e);
    }
    throw new KinesisApiException(
        KinesisApiException.Kind.OTHER,
        what("waiting for") + ": it did not become ACTIVE within 120 s",
        null);
  }

  private ConsumerDescription describe(String streamArn) {
    try {
      return client
          .describeStreamConsumer(b -> b.streamARN(streamArn).consumerName(consumerName))
          .consumerDescription();
    } catch (ResourceNotFoundException e) {
      return null;
    }
  }

  private void register(String streamArn) {
    try {
      client.registerStreamConsumer(b -> b.streamARN(streamArn).consumerName(consumerName));
      LOG.info("Stream {}: registered the consumer {}", streamName, consumerName);
    } catch (ResourceInUseException e) {
      LOG.debug("another query registers the consumer {}", consumerName);
    }
  }

  private String what(String verb) {
    return verb + " consumer " + consumerName + " on stream " + streamName;
  }
}
