package dev.tarn.spark.kinesis;

import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.internal.connector.SupportsStreamingUpdateAsAppend;
import org.apache.spark.sql.types.StructType;

/** Output modes append and update: a stream only grows, so a changed row is one more record. */
record KinesisWriteBuilder(SinkOptions options, StructType schema)
    implements WriteBuilder, SupportsStreamingUpdateAsAppend {

  @Override
  public Write build() {
    return new KinesisWrite(options, SinkColumns.of(schema, options));
  }
}
