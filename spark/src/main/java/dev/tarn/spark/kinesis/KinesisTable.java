package dev.tarn.spark.kinesis;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** A stream as a table of records that is read in micro-batches, and grows. */
final class KinesisTable implements SupportsRead, SupportsWrite {
  static final StructType SCHEMA =
      new StructType()
          .add("data", DataTypes.BinaryType)
          .add("streamName", DataTypes.StringType)
          .add("partitionKey", DataTypes.StringType)
          .add("sequenceNumber", DataTypes.StringType)
          .add("approximateArrivalTimestamp", DataTypes.TimestampType);

  /** Spark's own local property with the id of the running query, stable across restarts. */
  private static final String QUERY_ID = "sql.streaming.queryId";

  private final Map<String, String> given;

  /**
   * @param given the options as the user wrote them: what they mean depends on what comes next
   */
  KinesisTable(Map<String, String> given) {
    this.given = new HashMap<>(given); // an option may be null
  }

  @Override
  public String name() {
    return "aws-kinesis " + new OptionValues(given).text(KinesisOptions.STREAM_NAME, "");
  }

  @Override
  @SuppressWarnings("deprecation") // columns() takes this as its default
  public StructType schema() {
    return SCHEMA;
  }

  /** BATCH_READ only so that {@code spark.read} is refused with our words and not Spark's. */
  @Override
  public Set<TableCapability> capabilities() {
    return Set.of(
        TableCapability.MICRO_BATCH_READ,
        TableCapability.BATCH_READ,
        TableCapability.STREAMING_WRITE,
        TableCapability.ACCEPT_ANY_SCHEMA);
  }

  @Override
  public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
    return new KinesisWriteBuilder(SinkOptions.parse(given), info.schema());
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap ignored) {
    return () ->
        new Scan() {
          @Override
          public StructType readSchema() {
            return SCHEMA;
          }

          @Override
          public String description() {
            return name();
          }

          @Override
          public Batch toBatch() {
            throw new UnsupportedOperationException(
                "aws-kinesis is read as a stream: use spark.readStream; with"
                    + " trigger(availableNow=True) a query reads what there is and ends.");
          }

          @Override
          public MicroBatchStream toMicroBatchStream(String checkpointLocation) {
            return stream(checkpointLocation);
          }
        };
  }

  private MicroBatchStream stream(String checkpointLocation) {
    KinesisOptions options = KinesisOptions.parse(given);
    SparkContext spark = SparkSession.active().sparkContext();
    MetadataCommitter committer =
        options.dynamoTable() == null
            ? new CheckpointCommitter(checkpointLocation, spark.hadoopConfiguration())
            : new DynamoDbCommitter(
                options,
                Pace.SYSTEM,
                sourceKey(spark.getLocalProperty(QUERY_ID), checkpointLocation));
    return new KinesisMicroBatchStream(
        options,
        SdkKinesisApi.shared(options),
        options.consumerName() == null ? null : new SdkFanOut(options, Pace.SYSTEM),
        Pace.SYSTEM,
        committer,
        new BroadcastHandOver(spark));
  }

  /** Query id and number of the source; a checkpoint made anew has a new query id. */
  private static String sourceKey(String queryId, String checkpointLocation) {
    String number = checkpointLocation.substring(checkpointLocation.lastIndexOf('/') + 1);
    return queryId == null ? checkpointLocation : queryId + "/" + number;
  }
}
