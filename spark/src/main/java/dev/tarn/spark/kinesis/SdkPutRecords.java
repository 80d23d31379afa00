package dev.tarn.spark.kinesis;

import java.util.List;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;

/** {@link PutRecordsApi} over the AWS SDK. */
final class SdkPutRecords implements PutRecordsApi {
  private final KinesisClient client;
  private final String streamName;

  SdkPutRecords(SinkOptions options) {
    this.client =
        SdkKinesisApi.shared(options.endpointUrl(), options.region(), options.streamName())
            .client();
    this.streamName = options.streamName();
  }

  @Override
  public List<String> putRecords(List<OutgoingRecord> records) {
    List<PutRecordsRequestEntry> entries = records.stream().map(SdkPutRecords::entry).toList();
    try {
      return client.putRecords(b -> b.streamName(streamName).records(entries)).records().stream()
          .map(SdkPutRecords::refusal)
          .toList();
    } catch (SdkException e) {
      throw SdkFailures.sorted("PutRecords on stream " + streamName, e);
    }
  }

  private static PutRecordsRequestEntry entry(OutgoingRecord record) {
    return PutRecordsRequestEntry.builder()
        .data(SdkBytes.fromByteArrayUnsafe(record.data()))
        .partitionKey(record.partitionKey())
        .explicitHashKey(record.explicitHashKey())
        .build();
  }

  /** A list that holds nulls, which {@code toList} allows. */
  private static String refusal(PutRecordsResultEntry result) {
    return result.errorCode() == null ? null : result.errorCode() + ": " + result.errorMessage();
  }
}
