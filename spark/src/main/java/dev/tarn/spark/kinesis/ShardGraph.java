package dev.tarn.spark.kinesis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which shards may be read: a child only after its parents were read to their end, so that records
 * of one key come in order across splits and merges. Immutable, a view of one ListShards answer.
 */
final class ShardGraph {
  private final Map<String, ShardInfo> shards = new HashMap<>();

  ShardGraph(List<ShardInfo> listing) {
    listing.forEach(shard -> shards.put(shard.id(), shard));
  }

  boolean lists(String shardId) {
    return shards.containsKey(shardId);
  }

  /** Listed shards the offset doesn't know: they came into being after it. */
  List<ShardInfo> unknownTo(Set<String> known) {
    return shards.values().stream().filter(shard -> !known.contains(shard.id())).toList();
  }

  /** Parents that are neither listed nor known: their records went unread. */
  List<String> missedParents(ShardInfo shard, Set<String> known) {
    return parents(shard).stream().filter(id -> !lists(id) && !known.contains(id)).toList();
  }

  boolean isClosed(String shardId) {
    ShardInfo shard = shards.get(shardId);
    return shard != null && shard.closed();
  }

  /** Parents of a listed shard; none for another. */
  List<String> parentsOf(String shardId) {
    ShardInfo shard = shards.get(shardId);
    return shard == null ? List.of() : parents(shard);
  }

  boolean hasChildren(String shardId) {
    return shards.values().stream().anyMatch(shard -> shard.isChildOf(shardId));
  }

  /**
   * Shards with something to read.
   *
   * @param drained shards whose end lies before the batch being built
   */
  List<String> readable(Map<String, ShardProgress> progress, Set<String> drained) {
    List<String> result = new ArrayList<>();
    progress.forEach(
        (id, shard) -> {
          if (!shard.ended() && parentsDrained(id, progress, drained)) {
            result.add(id);
          }
        });
    return result;
  }

  private boolean parentsDrained(
      String id, Map<String, ShardProgress> progress, Set<String> drained) {
    ShardInfo shard = shards.get(id);
    return shard == null
        || parents(shard).stream()
            .allMatch(parent -> !progress.containsKey(parent) || drained.contains(parent));
  }

  private static List<String> parents(ShardInfo shard) {
    List<String> result = new ArrayList<>();
    if (shard.parentId() != null) {
      result.add(shard.parentId());
    }
    if (shard.adjacentParentId() != null) {
      result.add(shard.adjacentParentId());
    }
    return result;
  }
}
