package dev.tarn.spark.glue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hive.metastore.FileMetadataHandler;
import org.apache.hadoop.hive.metastore.RawStore;
import org.apache.hadoop.hive.metastore.api.AggrStats;
import org.apache.hadoop.hive.metastore.api.ColumnStatistics;
import org.apache.hadoop.hive.metastore.api.CurrentNotificationEventId;
import org.apache.hadoop.hive.metastore.api.FieldSchema;
import org.apache.hadoop.hive.metastore.api.FileMetadataExprType;
import org.apache.hadoop.hive.metastore.api.HiveObjectPrivilege;
import org.apache.hadoop.hive.metastore.api.Index;
import org.apache.hadoop.hive.metastore.api.NotificationEvent;
import org.apache.hadoop.hive.metastore.api.NotificationEventRequest;
import org.apache.hadoop.hive.metastore.api.NotificationEventResponse;
import org.apache.hadoop.hive.metastore.api.PartitionEventType;
import org.apache.hadoop.hive.metastore.api.PartitionValuesResponse;
import org.apache.hadoop.hive.metastore.api.PrincipalPrivilegeSet;
import org.apache.hadoop.hive.metastore.api.PrincipalType;
import org.apache.hadoop.hive.metastore.api.PrivilegeBag;
import org.apache.hadoop.hive.metastore.api.Role;
import org.apache.hadoop.hive.metastore.api.RolePrincipalGrant;
import org.apache.hadoop.hive.metastore.api.SQLForeignKey;
import org.apache.hadoop.hive.metastore.api.SQLPrimaryKey;
import org.apache.hadoop.hive.metastore.api.Table;
import org.apache.hadoop.hive.metastore.api.Type;

/**
 * What Hive's metastore can keep and the Glue Data Catalog cannot: privileges, roles, indexes,
 * constraints, tokens, events. Questions about them are answered as by a metastore that has none; a
 * change is refused by its name.
 */
abstract class UnkeptStore implements RawStore {
  private Configuration conf;

  private static UnsupportedOperationException unkept(String what) {
    return new UnsupportedOperationException(
        "The Glue Data Catalog, which is this Hive metastore, has no " + what + ".");
  }

  @Override
  public void setConf(Configuration given) {
    conf = given;
  }

  @Override
  public Configuration getConf() {
    return conf;
  }

  @Override
  public void shutdown() {}

  @Override
  public boolean openTransaction() {
    return true;
  }

  @Override
  public boolean openTransaction(String a) {
    return true;
  }

  @Override
  public boolean commitTransaction() {
    return true;
  }

  @Override
  public boolean isActiveTransaction() {
    return false;
  }

  @Override
  public void rollbackTransaction() {}

  @Override
  public boolean createType(Type a) {
    throw unkept("createType");
  }

  @Override
  public Type getType(String a) {
    return null;
  }

  @Override
  public boolean dropType(String a) {
    throw unkept("dropType");
  }

  @Override
  public List<String> listTableNamesByFilter(String a, String b, short c) {
    return List.of();
  }

  @Override
  public PartitionValuesResponse listPartitionValues(
      String a,
      String b,
      List<FieldSchema> c,
      boolean d,
      String e,
      boolean f,
      List<FieldSchema> g,
      long h) {
    throw unkept("listPartitionValues");
  }

  @Override
  public List<String> listPartitionNamesByFilter(String a, String b, String c, short d) {
    return List.of();
  }

  @Override
  public boolean addIndex(Index a) {
    throw unkept("addIndex");
  }

  @Override
  public Index getIndex(String a, String b, String c) {
    return null;
  }

  @Override
  public boolean dropIndex(String a, String b, String c) {
    throw unkept("dropIndex");
  }

  @Override
  public List<Index> getIndexes(String a, String b, int c) {
    return List.of();
  }

  @Override
  public List<String> listIndexNames(String a, String b, short c) {
    return List.of();
  }

  @Override
  public void alterIndex(String a, String b, String c, Index d) {
    throw unkept("alterIndex");
  }

  @Override
  public int getNumPartitionsByExpr(String a, String b, byte[] c) {
    throw unkept("getNumPartitionsByExpr");
  }

  @Override
  public Table markPartitionForEvent(
      String a, String b, Map<String, String> c, PartitionEventType d) {
    throw unkept("markPartitionForEvent");
  }

  @Override
  public boolean isPartitionMarkedForEvent(
      String a, String b, Map<String, String> c, PartitionEventType d) {
    return false;
  }

  @Override
  public boolean addRole(String a, String b) {
    return true;
  }

  @Override
  public boolean removeRole(String a) {
    throw unkept("removeRole");
  }

  @Override
  public boolean grantRole(
      Role a, String b, PrincipalType c, String d, PrincipalType e, boolean f) {
    throw unkept("grantRole");
  }

  @Override
  public boolean revokeRole(Role a, String b, PrincipalType c, boolean d) {
    throw unkept("revokeRole");
  }

  @Override
  public PrincipalPrivilegeSet getUserPrivilegeSet(String a, List<String> b) {
    return new PrincipalPrivilegeSet();
  }

  @Override
  public PrincipalPrivilegeSet getDBPrivilegeSet(String a, String b, List<String> c) {
    return new PrincipalPrivilegeSet();
  }

  @Override
  public PrincipalPrivilegeSet getTablePrivilegeSet(String a, String b, String c, List<String> d) {
    return new PrincipalPrivilegeSet();
  }

  @Override
  public PrincipalPrivilegeSet getPartitionPrivilegeSet(
      String a, String b, String c, String d, List<String> e) {
    return new PrincipalPrivilegeSet();
  }

  @Override
  public PrincipalPrivilegeSet getColumnPrivilegeSet(
      String a, String b, String c, String d, String e, List<String> f) {
    return new PrincipalPrivilegeSet();
  }

  @Override
  public List<HiveObjectPrivilege> listPrincipalGlobalGrants(String a, PrincipalType b) {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listPrincipalDBGrants(String a, PrincipalType b, String c) {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listAllTableGrants(
      String a, PrincipalType b, String c, String d) {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listPrincipalPartitionGrants(
      String a, PrincipalType b, String c, String d, List<String> e, String f) {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listPrincipalTableColumnGrants(
      String a, PrincipalType b, String c, String d, String e) {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listPrincipalPartitionColumnGrants(
      String a, PrincipalType b, String c, String d, List<String> e, String f, String g) {
    return List.of();
  }

  @Override
  public boolean grantPrivileges(PrivilegeBag a) {
    return true;
  }

  @Override
  public boolean revokePrivileges(PrivilegeBag a, boolean b) {
    throw unkept("revokePrivileges");
  }

  @Override
  public Role getRole(String a) {
    throw unkept("getRole");
  }

  @Override
  public List<String> listRoleNames() {
    return List.of();
  }

  @Override
  public List<Role> listRoles(String a, PrincipalType b) {
    return List.of();
  }

  @Override
  public List<RolePrincipalGrant> listRolesWithGrants(String a, PrincipalType b) {
    return List.of();
  }

  @Override
  public List<RolePrincipalGrant> listRoleMembers(String a) {
    return List.of();
  }

  @Override
  public boolean updateTableColumnStatistics(ColumnStatistics a) {
    throw unkept("updateTableColumnStatistics");
  }

  @Override
  public boolean updatePartitionColumnStatistics(ColumnStatistics a, List<String> b) {
    throw unkept("updatePartitionColumnStatistics");
  }

  @Override
  public ColumnStatistics getTableColumnStatistics(String a, String b, List<String> c) {
    return null;
  }

  @Override
  public List<ColumnStatistics> getPartitionColumnStatistics(
      String a, String b, List<String> c, List<String> d) {
    return List.of();
  }

  @Override
  public boolean deletePartitionColumnStatistics(
      String a, String b, String c, List<String> d, String e) {
    throw unkept("deletePartitionColumnStatistics");
  }

  @Override
  public boolean deleteTableColumnStatistics(String a, String b, String c) {
    throw unkept("deleteTableColumnStatistics");
  }

  @Override
  public long cleanupEvents() {
    return 0;
  }

  @Override
  public boolean addToken(String a, String b) {
    throw unkept("addToken");
  }

  @Override
  public boolean removeToken(String a) {
    throw unkept("removeToken");
  }

  @Override
  public String getToken(String a) {
    return null;
  }

  @Override
  public List<String> getAllTokenIdentifiers() {
    return List.of();
  }

  @Override
  public int addMasterKey(String a) {
    throw unkept("addMasterKey");
  }

  @Override
  public void updateMasterKey(Integer a, String b) {
    throw unkept("updateMasterKey");
  }

  @Override
  public boolean removeMasterKey(Integer a) {
    throw unkept("removeMasterKey");
  }

  @Override
  public String[] getMasterKeys() {
    throw unkept("getMasterKeys");
  }

  @Override
  public void verifySchema() {}

  @Override
  public String getMetaStoreSchemaVersion() {
    return "";
  }

  @Override
  public void setMetaStoreSchemaVersion(String a, String b) {}

  @Override
  public List<HiveObjectPrivilege> listPrincipalDBGrantsAll(String a, PrincipalType b) {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listPrincipalTableGrantsAll(String a, PrincipalType b) {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listPrincipalPartitionGrantsAll(String a, PrincipalType b) {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listPrincipalTableColumnGrantsAll(String a, PrincipalType b) {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listPrincipalPartitionColumnGrantsAll(
      String a, PrincipalType b) {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listGlobalGrantsAll() {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listDBGrantsAll(String a) {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listPartitionColumnGrantsAll(
      String a, String b, String c, String d) {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listTableGrantsAll(String a, String b) {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listPartitionGrantsAll(String a, String b, String c) {
    return List.of();
  }

  @Override
  public List<HiveObjectPrivilege> listTableColumnGrantsAll(String a, String b, String c) {
    return List.of();
  }

  @Override
  public AggrStats get_aggr_stats_for(String a, String b, List<String> c, List<String> d) {
    throw unkept("get_aggr_stats_for");
  }

  @Override
  public NotificationEventResponse getNextNotification(NotificationEventRequest a) {
    throw unkept("getNextNotification");
  }

  @Override
  public void addNotificationEvent(NotificationEvent a) {}

  @Override
  public void cleanNotificationEvents(int a) {}

  @Override
  public CurrentNotificationEventId getCurrentNotificationEventId() {
    throw unkept("getCurrentNotificationEventId");
  }

  @Override
  public void flushCache() {}

  @Override
  public ByteBuffer[] getFileMetadata(List<Long> a) {
    throw unkept("getFileMetadata");
  }

  @Override
  public void putFileMetadata(List<Long> a, List<ByteBuffer> b, FileMetadataExprType c) {
    throw unkept("putFileMetadata");
  }

  @Override
  public boolean isFileMetadataSupported() {
    return false;
  }

  @Override
  public void getFileMetadataByExpr(
      List<Long> a, FileMetadataExprType b, byte[] c, ByteBuffer[] d, ByteBuffer[] e, boolean[] f) {
    throw unkept("getFileMetadataByExpr");
  }

  @Override
  public FileMetadataHandler getFileMetadataHandler(FileMetadataExprType a) {
    throw unkept("getFileMetadataHandler");
  }

  @Override
  public int getTableCount() {
    return 0;
  }

  @Override
  public int getPartitionCount() {
    return 0;
  }

  @Override
  public int getDatabaseCount() {
    return 0;
  }

  @Override
  public List<SQLPrimaryKey> getPrimaryKeys(String a, String b) {
    return List.of();
  }

  @Override
  public List<SQLForeignKey> getForeignKeys(String a, String b, String c, String d) {
    return List.of();
  }

  @Override
  public void dropConstraint(String a, String b, String c) {
    throw unkept("dropConstraint");
  }

  @Override
  public void addPrimaryKeys(List<SQLPrimaryKey> a) {
    throw unkept("addPrimaryKeys");
  }

  @Override
  public void addForeignKeys(List<SQLForeignKey> a) {
    throw unkept("addForeignKeys");
  }

  @Override
  public long updateParameterWithExpectedValue(Table a, String b, String c, String d) {
    throw unkept("updateParameterWithExpectedValue");
  }
}
