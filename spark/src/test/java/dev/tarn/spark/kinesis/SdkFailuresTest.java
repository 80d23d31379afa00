package dev.tarn.spark.kinesis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.exception.SdkClientException;

/** What is tried again, and what fails a query at once. */
class SdkFailuresTest {

  private static SdkClientException client(Throwable cause) {
    return SdkClientException.builder().message("Unable to execute").cause(cause).build();
  }

  /** As the SDK throws it: a bare Throwable with advice, over what Netty's pool threw. */
  static Stream<Throwable> ofTheNetwork() {
    return Stream.of(
        client(new Throwable("Acquire operation took longer", new TimeoutException())),
        client(new IOException("Connection reset")),
        client(Http2Exception.connectionError(Http2Error.PROTOCOL_ERROR, "no preface")));
  }

  @ParameterizedTest
  @MethodSource("ofTheNetwork")
  void whatTheNetworkDoesPasses(Throwable failure) {
    KinesisApiException sorted =
        SdkFailures.sorted("SubscribeToShard", new CompletionException(failure));
    assertEquals(KinesisApiException.Kind.UNAVAILABLE, sorted.kind());
  }

  static Stream<Throwable> forGood() {
    return Stream.of(
        client(null),
        client(new IllegalStateException("no credentials")),
        new ClassCastException());
  }

  @ParameterizedTest
  @MethodSource("forGood")
  void whatNoWaitingBringsFailsAtOnce(Throwable failure) {
    assertEquals(
        KinesisApiException.Kind.OTHER, SdkFailures.sorted("SubscribeToShard", failure).kind());
  }
}
