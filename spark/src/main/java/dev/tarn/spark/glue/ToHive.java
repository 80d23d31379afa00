package dev.tarn.spark.glue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.hive.metastore.api.Database;
import org.apache.hadoop.hive.metastore.api.FieldSchema;
import org.apache.hadoop.hive.metastore.api.Function;
import org.apache.hadoop.hive.metastore.api.FunctionType;
import org.apache.hadoop.hive.metastore.api.Order;
import org.apache.hadoop.hive.metastore.api.Partition;
import org.apache.hadoop.hive.metastore.api.PrincipalType;
import org.apache.hadoop.hive.metastore.api.ResourceType;
import org.apache.hadoop.hive.metastore.api.ResourceUri;
import org.apache.hadoop.hive.metastore.api.SerDeInfo;
import org.apache.hadoop.hive.metastore.api.StorageDescriptor;
import org.apache.hadoop.hive.metastore.api.Table;
import software.amazon.awssdk.services.glue.model.Column;
import software.amazon.awssdk.services.glue.model.UserDefinedFunction;

/**
 * Glue's records as Hive's metastore has them. Glue leaves out what was not said; Hive's classes
 * want lists and maps that can be changed.
 */
final class ToHive {
  private ToHive() {}

  static Database database(software.amazon.awssdk.services.glue.model.Database from) {
    Database out =
        new Database(
            from.name(), from.description(), from.locationUri(), parameters(from.parameters()));
    out.setOwnerName("hadoop");
    out.setOwnerType(PrincipalType.USER);
    return out;
  }

  static Table table(software.amazon.awssdk.services.glue.model.Table from) {
    Table out = new Table();
    out.setDbName(from.databaseName());
    out.setTableName(from.name());
    out.setOwner(from.owner());
    out.setCreateTime(seconds(from.createTime()));
    out.setLastAccessTime(seconds(from.lastAccessTime()));
    out.setRetention(from.retention() == null ? 0 : from.retention());
    out.setSd(storage(from.storageDescriptor()));
    out.setPartitionKeys(fields(from.partitionKeys()));
    out.setParameters(parameters(from.parameters()));
    out.setViewOriginalText(from.viewOriginalText());
    out.setViewExpandedText(from.viewExpandedText());
    // Crawlers and Athena leave it out of some; such a table is not the metastore's to delete.
    out.setTableType(from.tableType() == null ? "EXTERNAL_TABLE" : from.tableType());
    if ("EXTERNAL_TABLE".equals(out.getTableType())) {
      out.putToParameters("EXTERNAL", "TRUE");
    }
    return out;
  }

  static Partition partition(software.amazon.awssdk.services.glue.model.Partition from) {
    return new Partition(
        new ArrayList<>(from.values()),
        from.databaseName(),
        from.tableName(),
        seconds(from.creationTime()),
        seconds(from.lastAccessTime()),
        storage(from.storageDescriptor()),
        parameters(from.parameters()));
  }

  static Function function(UserDefinedFunction from) {
    List<ResourceUri> resources = new ArrayList<>();
    from.resourceUris()
        .forEach(
            each ->
                resources.add(
                    new ResourceUri(
                        ResourceType.valueOf(each.resourceTypeAsString()), each.uri())));
    return new Function(
        from.functionName(),
        from.databaseName(),
        from.className(),
        from.ownerName(),
        PrincipalType.USER,
        seconds(from.createTime()),
        FunctionType.JAVA,
        resources);
  }

  private static StorageDescriptor storage(
      software.amazon.awssdk.services.glue.model.StorageDescriptor from) {
    StorageDescriptor out = new StorageDescriptor();
    out.setCols(new ArrayList<>());
    out.setSerdeInfo(new SerDeInfo(null, null, new HashMap<>()));
    out.setBucketCols(new ArrayList<>());
    out.setSortCols(new ArrayList<>());
    out.setParameters(new HashMap<>());
    if (from == null) {
      return out;
    }
    out.setCols(fields(from.columns()));
    out.setLocation(from.location());
    out.setInputFormat(from.inputFormat());
    out.setOutputFormat(from.outputFormat());
    out.setCompressed(Boolean.TRUE.equals(from.compressed()));
    out.setNumBuckets(from.numberOfBuckets() == null ? 0 : from.numberOfBuckets());
    out.setStoredAsSubDirectories(Boolean.TRUE.equals(from.storedAsSubDirectories()));
    out.getBucketCols().addAll(from.bucketColumns());
    from.sortColumns()
        .forEach(each -> out.addToSortCols(new Order(each.column(), each.sortOrder())));
    out.setParameters(parameters(from.parameters()));
    if (from.serdeInfo() != null) {
      out.setSerdeInfo(
          new SerDeInfo(
              from.serdeInfo().name(),
              from.serdeInfo().serializationLibrary(),
              parameters(from.serdeInfo().parameters())));
    }
    return out;
  }

  private static List<FieldSchema> fields(List<Column> from) {
    List<FieldSchema> out = new ArrayList<>();
    from.forEach(each -> out.add(new FieldSchema(each.name(), each.type(), each.comment())));
    return out;
  }

  private static Map<String, String> parameters(Map<String, String> from) {
    return new HashMap<>(from);
  }

  private static int seconds(Instant at) {
    return at == null ? 0 : (int) at.getEpochSecond();
  }
}
