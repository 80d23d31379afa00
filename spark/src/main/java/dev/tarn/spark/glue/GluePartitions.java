package dev.tarn.spark.glue;

import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.hive.metastore.api.MetaException;
import org.apache.hadoop.hive.metastore.api.Partition;
import software.amazon.awssdk.services.glue.GlueClient;
import software.amazon.awssdk.services.glue.model.BatchCreatePartitionResponse;

/** Partitions of tables, many at a time. */
final class GluePartitions {
  private final GlueClient glue;

  GluePartitions(GlueClient glue) {
    this.glue = glue;
  }

  /** At most a hundred. */
  void create(String database, String table, List<Partition> given) throws MetaException {
    BatchCreatePartitionResponse told =
        GlueStore.answer(
            () ->
                glue.batchCreatePartition(
                    b ->
                        b.databaseName(database)
                            .tableName(table)
                            .partitionInputList(given.stream().map(ToGlue::partition).toList())));
    if (!told.errors().isEmpty()) {
      var first = told.errors().get(0);
      throw new MetaException(
          "Glue: partition "
              + first.partitionValues()
              + " was not created: "
              + first.errorDetail().errorMessage());
    }
  }

  /** Those that fulfil `filter`, null: all; at most `most`, negative: however many there are. */
  List<Partition> list(String database, String table, String filter, int most)
      throws MetaException {
    return GlueStore.answer(
        () -> {
          var all =
              glue
                  .getPartitionsPaginator(
                      b -> b.databaseName(database).tableName(table).expression(filter))
                  .stream()
                  .flatMap(page -> page.partitions().stream())
                  .map(ToHive::partition);
          return new ArrayList<>((most < 0 ? all : all.limit(most)).toList());
        });
  }

  /** Those whose first values are `some`; an empty text stands for any. */
  List<Partition> matching(String database, String table, List<String> some, int most)
      throws MetaException {
    List<Partition> out = new ArrayList<>();
    for (Partition each : list(database, table, null, -1)) {
      if (most >= 0 && out.size() == most) {
        break;
      }
      if (begins(each.getValues(), some)) {
        out.add(each);
      }
    }
    return out;
  }

  private static boolean begins(List<String> values, List<String> some) {
    for (int i = 0; i < some.size(); i++) {
      if (!some.get(i).isEmpty() && !some.get(i).equals(values.get(i))) {
        return false;
      }
    }
    return true;
  }
}
