package dev.tarn.spark.kinesis;

/**
 * One shard of ListShards.
 *
 * @param parentId the shard it was split from or merged from, or null
 * @param adjacentParentId the other shard of a merge, or null
 * @param closed whether no record will be added to it any more
 */
record ShardInfo(String id, String parentId, String adjacentParentId, boolean closed) {

  boolean isChildOf(String shardId) {
    return shardId.equals(parentId) || shardId.equals(adjacentParentId);
  }
}
