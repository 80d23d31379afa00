package dev.tarn.spark.glue;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hive.metastore.TableType;
import org.apache.hadoop.hive.metastore.Warehouse;
import org.apache.hadoop.hive.metastore.api.Database;
import org.apache.hadoop.hive.metastore.api.FieldSchema;
import org.apache.hadoop.hive.metastore.api.Function;
import org.apache.hadoop.hive.metastore.api.MetaException;
import org.apache.hadoop.hive.metastore.api.NoSuchObjectException;
import org.apache.hadoop.hive.metastore.api.Partition;
import org.apache.hadoop.hive.metastore.api.SQLForeignKey;
import org.apache.hadoop.hive.metastore.api.SQLPrimaryKey;
import org.apache.hadoop.hive.metastore.api.Table;
import org.apache.hadoop.hive.metastore.api.TableMeta;
import org.apache.hadoop.hive.metastore.partition.spec.PartitionSpecProxy;
import software.amazon.awssdk.services.glue.GlueClient;
import software.amazon.awssdk.services.glue.model.EntityNotFoundException;
import software.amazon.awssdk.services.glue.model.GlueException;

/**
 * Hive's metastore in the Glue Data Catalog: the databases, tables, partitions and functions that
 * the AWS CLI, Athena and crawlers know are Spark's. Hive's embedded metastore does all else
 * (`hive.metastore.rawstore.impl` names this class): it checks names, makes and removes folders.
 *
 * <p>Glue has no transactions; each change is one call, whole or not at all but for many partitions
 * at once.
 */
public final class GlueStore extends UnkeptStore {
  /** BatchCreatePartition takes no more. */
  private static final int CREATED_AT_ONCE = 100;

  private static final String CATALOG = "hive.metastore.glue.catalogid";

  private GlueClient glue;
  private GluePartitions partitions;

  @Override
  public void setConf(Configuration given) {
    super.setConf(given);
    glue = GlueClients.of(given.get(CATALOG, ""));
    partitions = new GluePartitions(glue);
  }

  /** A call of Glue; what it refuses becomes Hive's exception with Glue's words. */
  @FunctionalInterface
  interface Call<T> {
    T ask();
  }

  static <T> T answer(Call<T> call) throws MetaException {
    try {
      return call.ask();
    } catch (GlueException refused) {
      throw failure(refused);
    }
  }

  /** Null where there is no such thing. */
  private static <T> T found(Call<T> call) throws MetaException {
    try {
      return call.ask();
    } catch (EntityNotFoundException absent) {
      return null;
    } catch (GlueException refused) {
      throw failure(refused);
    }
  }

  private static MetaException failure(GlueException refused) {
    String said =
        refused.awsErrorDetails() == null
            ? refused.getMessage()
            : refused.awsErrorDetails().errorMessage();
    MetaException out = new MetaException("Glue: " + said);
    out.initCause(refused);
    return out;
  }

  // --- databases ---------------------------------------------------------------------------------

  @Override
  public void createDatabase(Database given) throws MetaException {
    answer(() -> glue.createDatabase(b -> b.databaseInput(ToGlue.database(given))));
  }

  @Override
  public Database getDatabase(String name) throws NoSuchObjectException {
    try {
      var told = found(() -> glue.getDatabase(b -> b.name(name)));
      if (told != null) {
        return ToHive.database(told.database());
      }
    } catch (MetaException refused) {
      throw new IllegalStateException(refused.getMessage(), refused);
    }
    throw new NoSuchObjectException("There is no database " + name + " in the Glue Data Catalog.");
  }

  @Override
  public boolean dropDatabase(String name) throws MetaException {
    answer(() -> glue.deleteDatabase(b -> b.name(name)));
    return true;
  }

  @Override
  public boolean alterDatabase(String name, Database to) throws MetaException {
    answer(() -> glue.updateDatabase(b -> b.name(name).databaseInput(ToGlue.database(to))));
    return true;
  }

  @Override
  public List<String> getDatabases(String pattern) throws MetaException {
    Pattern wanted = Names.pattern(pattern);
    return getAllDatabases().stream().filter(wanted.asMatchPredicate()).toList();
  }

  @Override
  public List<String> getAllDatabases() throws MetaException {
    return answer(
        () ->
            new ArrayList<>(
                glue.getDatabasesPaginator(b -> {}).stream()
                    .flatMap(page -> page.databaseList().stream())
                    .map(each -> each.name())
                    .toList()));
  }

  // --- tables ------------------------------------------------------------------------------------

  @Override
  public void createTable(Table given) throws MetaException {
    answer(
        () ->
            glue.createTable(
                b -> b.databaseName(given.getDbName()).tableInput(ToGlue.table(given))));
  }

  @Override
  public void createTableWithConstraints(
      Table given, List<SQLPrimaryKey> primary, List<SQLForeignKey> foreign) throws MetaException {
    boolean none = primary == null || primary.isEmpty();
    if (!none || (foreign != null && !foreign.isEmpty())) {
      throw new MetaException("The Glue Data Catalog keeps no primary and foreign keys.");
    }
    createTable(given);
  }

  @Override
  public boolean dropTable(String database, String name) throws MetaException {
    answer(() -> glue.deleteTable(b -> b.databaseName(database).name(name)));
    return true;
  }

  @Override
  public Table getTable(String database, String name) throws MetaException {
    var told = found(() -> glue.getTable(b -> b.databaseName(database).name(name)));
    return told == null ? null : ToHive.table(told.table());
  }

  @Override
  public void alterTable(String database, String name, Table to) throws MetaException {
    if (!name.equalsIgnoreCase(to.getTableName()) || !database.equalsIgnoreCase(to.getDbName())) {
      throw new MetaException(
          "A table of the Glue Data Catalog cannot be renamed: create another, copy the rows and"
              + " drop it.");
    }
    answer(
        () ->
            glue.updateTable(
                b -> b.databaseName(database).tableInput(ToGlue.table(to)).skipArchive(true)));
  }

  private List<Table> tables(String database, String pattern) throws MetaException {
    Pattern wanted = Names.pattern(pattern);
    return answer(
        () ->
            glue.getTablesPaginator(b -> b.databaseName(database)).stream()
                .flatMap(page -> page.tableList().stream())
                .filter(each -> wanted.matcher(each.name()).matches())
                .map(ToHive::table)
                .toList());
  }

  @Override
  public List<String> getTables(String database, String pattern) throws MetaException {
    return names(tables(database, pattern));
  }

  @Override
  public List<String> getTables(String database, String pattern, TableType type)
      throws MetaException {
    return names(
        tables(database, pattern).stream()
            .filter(each -> each.getTableType().equals(type.name()))
            .toList());
  }

  @Override
  public List<String> getAllTables(String database) throws MetaException {
    return getTables(database, "*");
  }

  private static List<String> names(List<Table> tables) {
    List<String> out = new ArrayList<>();
    tables.forEach(each -> out.add(each.getTableName()));
    return out;
  }

  @Override
  public List<TableMeta> getTableMeta(String databases, String pattern, List<String> types)
      throws MetaException {
    List<TableMeta> out = new ArrayList<>();
    for (String database : getDatabases(databases)) {
      for (Table each : tables(database, pattern)) {
        if (types == null || types.isEmpty() || types.contains(each.getTableType())) {
          out.add(new TableMeta(database, each.getTableName(), each.getTableType()));
        }
      }
    }
    return out;
  }

  @Override
  public List<Table> getTableObjectsByName(String database, List<String> wanted)
      throws MetaException {
    List<Table> out = new ArrayList<>();
    for (String name : wanted) {
      Table each = getTable(database, name);
      if (each != null) {
        out.add(each);
      }
    }
    return out;
  }

  // --- partitions --------------------------------------------------------------------------------

  @Override
  public boolean addPartition(Partition given) throws MetaException {
    partitions.create(given.getDbName(), given.getTableName(), List.of(given));
    return true;
  }

  @Override
  public boolean addPartitions(String database, String table, List<Partition> given)
      throws MetaException {
    for (int from = 0; from < given.size(); from += CREATED_AT_ONCE) {
      int to = Math.min(given.size(), from + CREATED_AT_ONCE);
      partitions.create(database, table, given.subList(from, to));
    }
    return true;
  }

  @Override
  public boolean addPartitions(
      String database, String table, PartitionSpecProxy given, boolean unlessThere)
      throws MetaException {
    List<Partition> all = new ArrayList<>();
    for (var each = given.getPartitionIterator(); each.hasNext(); ) {
      all.add(each.next());
    }
    return addPartitions(database, table, all);
  }

  private Partition partition(String database, String table, List<String> values)
      throws MetaException {
    var told =
        found(
            () ->
                glue.getPartition(
                    b -> b.databaseName(database).tableName(table).partitionValues(values)));
    return told == null ? null : ToHive.partition(told.partition());
  }

  @Override
  public Partition getPartition(String database, String table, List<String> values)
      throws MetaException, NoSuchObjectException {
    Partition out = partition(database, table, values);
    if (out == null) {
      throw new NoSuchObjectException(
          "Table " + database + "." + table + " has no partition " + values + ".");
    }
    return out;
  }

  @Override
  public Partition getPartitionWithAuth(
      String database, String table, List<String> values, String user, List<String> groups)
      throws MetaException, NoSuchObjectException {
    return getPartition(database, table, values);
  }

  @Override
  public boolean doesPartitionExist(String database, String table, List<String> values)
      throws MetaException {
    return partition(database, table, values) != null;
  }

  @Override
  public boolean dropPartition(String database, String table, List<String> values)
      throws MetaException {
    answer(
        () ->
            glue.deletePartition(
                b -> b.databaseName(database).tableName(table).partitionValues(values)));
    return true;
  }

  @Override
  public void dropPartitions(String database, String table, List<String> names)
      throws MetaException {
    for (String name : names) {
      dropPartition(database, table, Warehouse.getPartValuesFromPartName(name));
    }
  }

  @Override
  public void alterPartition(String database, String table, List<String> values, Partition to)
      throws MetaException {
    answer(
        () ->
            glue.updatePartition(
                b ->
                    b.databaseName(database)
                        .tableName(table)
                        .partitionValueList(values)
                        .partitionInput(ToGlue.partition(to))));
  }

  @Override
  public void alterPartitions(
      String database, String table, List<List<String>> values, List<Partition> to)
      throws MetaException {
    for (int i = 0; i < to.size(); i++) {
      alterPartition(database, table, values.get(i), to.get(i));
    }
  }

  @Override
  public List<Partition> getPartitions(String database, String table, int most)
      throws MetaException {
    return partitions.list(database, table, null, most);
  }

  @Override
  public List<Partition> getPartitionsWithAuth(
      String database, String table, short most, String user, List<String> groups)
      throws MetaException {
    return getPartitions(database, table, most);
  }

  @Override
  public List<Partition> getPartitionsByFilter(
      String database, String table, String filter, short most) throws MetaException {
    return partitions.list(database, table, filter, most);
  }

  @Override
  public int getNumPartitionsByFilter(String database, String table, String filter)
      throws MetaException {
    return partitions.list(database, table, filter, -1).size();
  }

  /** Spark asks by filter; a filter in Hive's own form is answered with all, as unknown. */
  @Override
  public boolean getPartitionsByExpr(
      String database,
      String table,
      byte[] expression,
      String defaultName,
      short most,
      List<Partition> into)
      throws MetaException {
    into.addAll(getPartitions(database, table, most));
    return true;
  }

  @Override
  public List<Partition> getPartitionsByNames(String database, String table, List<String> names)
      throws MetaException {
    List<Partition> out = new ArrayList<>();
    for (String name : names) {
      Partition each = partition(database, table, Warehouse.getPartValuesFromPartName(name));
      if (each != null) {
        out.add(each);
      }
    }
    return out;
  }

  private List<FieldSchema> keys(String database, String table)
      throws MetaException, NoSuchObjectException {
    Table told = getTable(database, table);
    if (told == null) {
      throw new NoSuchObjectException("There is no table " + database + "." + table + ".");
    }
    return told.getPartitionKeys();
  }

  @Override
  public List<String> listPartitionNames(String database, String table, short most)
      throws MetaException {
    try {
      return listPartitionNamesPs(database, table, List.of(), most);
    } catch (NoSuchObjectException absent) {
      throw new MetaException(absent.getMessage());
    }
  }

  @Override
  public List<String> listPartitionNamesPs(
      String database, String table, List<String> some, short most)
      throws MetaException, NoSuchObjectException {
    List<FieldSchema> keys = keys(database, table);
    List<String> out = new ArrayList<>();
    for (Partition each : partitions.matching(database, table, some, most)) {
      out.add(Warehouse.makePartName(keys, each.getValues()));
    }
    return out;
  }

  @Override
  public List<Partition> listPartitionsPsWithAuth(
      String database,
      String table,
      List<String> some,
      short most,
      String user,
      List<String> groups)
      throws MetaException {
    return partitions.matching(database, table, some, most);
  }

  // --- functions ---------------------------------------------------------------------------------

  @Override
  public void createFunction(Function given) throws MetaException {
    answer(
        () ->
            glue.createUserDefinedFunction(
                b -> b.databaseName(given.getDbName()).functionInput(ToGlue.function(given))));
  }

  @Override
  public void alterFunction(String database, String name, Function to) throws MetaException {
    answer(
        () ->
            glue.updateUserDefinedFunction(
                b ->
                    b.databaseName(database)
                        .functionName(name)
                        .functionInput(ToGlue.function(to))));
  }

  @Override
  public void dropFunction(String database, String name) throws MetaException {
    answer(() -> glue.deleteUserDefinedFunction(b -> b.databaseName(database).functionName(name)));
  }

  @Override
  public Function getFunction(String database, String name) throws MetaException {
    var told =
        found(() -> glue.getUserDefinedFunction(b -> b.databaseName(database).functionName(name)));
    return told == null ? null : ToHive.function(told.userDefinedFunction());
  }

  private List<Function> functions(String database) throws MetaException {
    return answer(
        () ->
            glue
                .getUserDefinedFunctionsPaginator(b -> b.databaseName(database).pattern(".*"))
                .stream()
                .flatMap(page -> page.userDefinedFunctions().stream())
                .map(ToHive::function)
                .toList());
  }

  @Override
  public List<Function> getAllFunctions() throws MetaException {
    return functions(null);
  }

  @Override
  public List<String> getFunctions(String database, String pattern) throws MetaException {
    Pattern wanted = Names.pattern(pattern);
    return functions(database).stream()
        .map(Function::getFunctionName)
        .filter(wanted.asMatchPredicate())
        .toList();
  }
}
