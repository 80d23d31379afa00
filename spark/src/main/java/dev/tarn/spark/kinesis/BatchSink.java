package dev.tarn.spark.kinesis;

import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.types.StructType;

/** {@code df.write.format("aws-kinesis").save()}. */
final class BatchSink {
  private BatchSink() {}

  /**
   * Returns when every row is in the stream.
   *
   * @throws IllegalArgumentException for a mode that a stream can't fulfil, or as {@link
   *     SinkColumns#of}
   */
  static void write(SaveMode mode, SinkOptions options, Dataset<Row> rows) {
    if (mode == SaveMode.Overwrite || mode == SaveMode.Ignore) {
      throw new IllegalArgumentException(
          "aws-kinesis adds records to a stream and can't write with mode "
              + mode.name().toLowerCase(java.util.Locale.ROOT)
              + ": use mode(\"append\"), or none.");
    }
    rows.foreachPartition(new Partition(options, SinkColumns.of(rows.schema(), options)));
  }

  private record Partition(SinkOptions options, SinkColumns columns)
      implements ForeachPartitionFunction<Row> {

    @Override
    public void call(java.util.Iterator<Row> rows) {
      RecordSender sender = new RecordSender(new SdkPutRecords(options), Pace.SYSTEM, options);
      while (rows.hasNext()) {
        sender.add(columns.record(rows.next()));
      }
      sender.flush();
    }
  }

  /** What Spark wants back and doesn't use. */
  static final class Written extends BaseRelation {
    private final SQLContext context;
    private final StructType schema;

    Written(SQLContext context, StructType schema) {
      this.context = context;
      this.schema = schema;
    }

    @Override
    public SQLContext sqlContext() {
      return context;
    }

    @Override
    public StructType schema() {
      return schema;
    }
  }
}
