package dev.tarn.spark.glue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.hive.metastore.api.Database;
import org.apache.hadoop.hive.metastore.api.FieldSchema;
import org.apache.hadoop.hive.metastore.api.Function;
import org.apache.hadoop.hive.metastore.api.Partition;
import org.apache.hadoop.hive.metastore.api.StorageDescriptor;
import org.apache.hadoop.hive.metastore.api.Table;
import software.amazon.awssdk.services.glue.model.Column;
import software.amazon.awssdk.services.glue.model.DatabaseInput;
import software.amazon.awssdk.services.glue.model.Order;
import software.amazon.awssdk.services.glue.model.PartitionInput;
import software.amazon.awssdk.services.glue.model.ResourceUri;
import software.amazon.awssdk.services.glue.model.SerDeInfo;
import software.amazon.awssdk.services.glue.model.TableInput;
import software.amazon.awssdk.services.glue.model.UserDefinedFunctionInput;

/** Records of Hive's metastore as Glue takes them. */
final class ToGlue {
  private ToGlue() {}

  static DatabaseInput database(Database from) {
    return DatabaseInput.builder()
        .name(from.getName().toLowerCase(Locale.ROOT))
        .description(text(from.getDescription()))
        .locationUri(text(from.getLocationUri()))
        .parameters(from.getParameters())
        .build();
  }

  static TableInput table(Table from) {
    return TableInput.builder()
        .name(from.getTableName().toLowerCase(Locale.ROOT))
        .owner(text(from.getOwner()))
        .retention(from.getRetention())
        .storageDescriptor(storage(from.getSd()))
        .partitionKeys(columns(from.getPartitionKeys()))
        .parameters(parameters(from.getParameters()))
        .viewOriginalText(from.getViewOriginalText())
        .viewExpandedText(from.getViewExpandedText())
        .tableType(from.getTableType())
        .build();
  }

  static PartitionInput partition(Partition from) {
    return PartitionInput.builder()
        .values(from.getValues())
        .storageDescriptor(storage(from.getSd()))
        .parameters(parameters(from.getParameters()))
        .build();
  }

  static UserDefinedFunctionInput function(Function from) {
    List<ResourceUri> resources = new ArrayList<>();
    if (from.getResourceUris() != null) {
      from.getResourceUris()
          .forEach(
              each ->
                  resources.add(
                      ResourceUri.builder()
                          .resourceType(each.getResourceType().name())
                          .uri(each.getUri())
                          .build()));
    }
    return UserDefinedFunctionInput.builder()
        .functionName(from.getFunctionName().toLowerCase(Locale.ROOT))
        .className(from.getClassName())
        .ownerName(text(from.getOwnerName()))
        .ownerType("USER")
        .resourceUris(resources)
        .build();
  }

  private static software.amazon.awssdk.services.glue.model.StorageDescriptor storage(
      StorageDescriptor from) {
    if (from == null) {
      return null;
    }
    var out =
        software.amazon.awssdk.services.glue.model.StorageDescriptor.builder()
            .columns(columns(from.getCols()))
            .location(from.getLocation())
            .inputFormat(from.getInputFormat())
            .outputFormat(from.getOutputFormat())
            .compressed(from.isCompressed())
            .numberOfBuckets(from.getNumBuckets())
            .storedAsSubDirectories(from.isStoredAsSubDirectories())
            .bucketColumns(from.getBucketCols())
            .parameters(parameters(from.getParameters()));
    if (from.getSortCols() != null) {
      out.sortColumns(
          from.getSortCols().stream()
              .map(each -> Order.builder().column(each.getCol()).sortOrder(each.getOrder()).build())
              .toList());
    }
    if (from.getSerdeInfo() != null) {
      out.serdeInfo(
          SerDeInfo.builder()
              .name(text(from.getSerdeInfo().getName()))
              .serializationLibrary(from.getSerdeInfo().getSerializationLib())
              .parameters(parameters(from.getSerdeInfo().getParameters()))
              .build());
    }
    return out.build();
  }

  private static List<Column> columns(List<FieldSchema> from) {
    return from == null
        ? List.of()
        : from.stream()
            .map(
                each ->
                    Column.builder()
                        .name(each.getName())
                        .type(each.getType())
                        .comment(each.getComment())
                        .build())
            .toList();
  }

  private static Map<String, String> parameters(Map<String, String> from) {
    return from == null ? Map.of() : from;
  }

  /** Glue takes no empty names and descriptions. */
  private static String text(String given) {
    return given == null || given.isEmpty() ? null : given;
  }
}
