package dev.tarn.spark.kinesis;

import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.CreatableRelationProvider;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import scala.jdk.javaapi.CollectionConverters;

/**
 * {@code spark.readStream.format("aws-kinesis")}, {@code df.writeStream} and {@code df.write}: see
 * {@code spark/README.md}. Batches are written by Spark's older interface, as only that one takes
 * {@code save()} without a mode.
 */
public final class KinesisSourceProvider
    implements TableProvider, CreatableRelationProvider, DataSourceRegister {

  @Override
  public String shortName() {
    return "aws-kinesis";
  }

  /**
   * Spark doesn't say here whether a table is read or written. Options that only one of the two has
   * are told apart when it is.
   */
  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    Map<String, String> given = options.asCaseSensitiveMap();
    if (new OptionValues(given).hasAnyOf(SinkOptions.ONLY_SINK)) {
      SinkOptions.parse(given);
    } else {
      KinesisOptions.parse(given);
    }
    return KinesisTable.SCHEMA;
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    return new KinesisTable(properties);
  }

  @Override
  public BaseRelation createRelation(
      SQLContext context,
      SaveMode mode,
      scala.collection.immutable.Map<String, String> parameters,
      Dataset<Row> rows) {
    BatchSink.write(mode, SinkOptions.parse(CollectionConverters.asJava(parameters)), rows);
    return new BatchSink.Written(context, rows.schema());
  }
}
