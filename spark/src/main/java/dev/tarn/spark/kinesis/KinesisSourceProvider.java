package dev.tarn.spark.kinesis;

import java.util.Map;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** {@code spark.readStream.format("aws-kinesis")}: see {@code spark/README.md}. */
public final class KinesisSourceProvider implements TableProvider, DataSourceRegister {

  @Override
  public String shortName() {
    return "aws-kinesis";
  }

  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    KinesisOptions.parse(options.asCaseSensitiveMap());
    return KinesisTable.SCHEMA;
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    return new KinesisTable(KinesisOptions.parse(properties));
  }
}
