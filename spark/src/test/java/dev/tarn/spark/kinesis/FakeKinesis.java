package dev.tarn.spark.kinesis;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A stream in memory, as strict as the service: iterators expire after five minutes, records and
 * closed shards go with the retention period, calls are throttled when a test says so, pages may be
 * short or empty.
 */
final class FakeKinesis implements KinesisApi {
  private static final long ITERATOR_LIFE_MILLIS = 5 * 60_000;
  private static final int HASHES = 3 << 20;

  private static final class FakeShard {
    final String parent;
    final String adjacent;
    final int low;
    final int high;
    final List<StreamRecord> records = new ArrayList<>();
    int trimmed;
    long closedAt;

    FakeShard(String parent, String adjacent, int low, int high) {
      this.parent = parent;
      this.adjacent = adjacent;
      this.low = low;
      this.high = high;
    }
  }

  private record Iterator(String shardId, int index, long madeAt) {}

  private final Pace pace;
  private final Map<String, FakeShard> shards = new TreeMap<>();
  private final Map<String, Iterator> iterators = new HashMap<>();
  private BigInteger sequence =
      new BigInteger("49600000000000000000000000000000000000000000000000");
  private int shardNumber;
  private int iteratorNumber;
  private int throttled;
  private int unavailable;
  private int pageLimit = ShardCursor.MAX_PAGE;
  private int emptyPageEvery;
  private int pages;
  long retentionMillis = 24 * 3_600_000L;

  /** An iterator at a record that is gone is refused, as tarn does; Amazon's service reads on. */
  boolean refusesOldPlaces;

  int getRecordsCalls;
  int listCalls;

  FakeKinesis(Pace pace, int shardCount) {
    this.pace = pace;
    for (int i = 0; i < shardCount; i++) {
      newShard(null, null, HASHES / shardCount * i, HASHES / shardCount * (i + 1));
    }
  }

  private String newShard(String parent, String adjacent, int low, int high) {
    String id = "shardId-%012d".formatted(shardNumber++);
    shards.put(id, new FakeShard(parent, adjacent, low, high));
    return id;
  }

  /** The open shard a key belongs to. */
  synchronized String shardOf(String key) {
    int hash = Math.floorMod(key.hashCode() * 0x9E3779B1, HASHES);
    return openShards().stream()
        .filter(id -> shards.get(id).low <= hash && hash < shards.get(id).high)
        .findFirst()
        .orElseThrow();
  }

  /** The open shard whose keys follow those of another, or null. */
  synchronized String neighbour(String shardId) {
    int high = shards.get(shardId).high;
    return openShards().stream().filter(id -> shards.get(id).low == high).findFirst().orElse(null);
  }

  synchronized StreamRecord put(String shardId, String data) {
    return put(shardId, "key", data.getBytes(StandardCharsets.UTF_8));
  }

  synchronized StreamRecord put(String shardId, String key, byte[] data) {
    FakeShard shard = shards.get(shardId);
    if (shard.closedAt != 0) {
      throw new IllegalStateException(shardId + " is closed");
    }
    sequence = sequence.add(BigInteger.valueOf(17));
    StreamRecord record = new StreamRecord(sequence.toString(), key, data, pace.nowMillis());
    shard.records.add(record);
    return record;
  }

  synchronized List<String> openShards() {
    return shards.entrySet().stream()
        .filter(e -> e.getValue().closedAt == 0)
        .map(Map.Entry::getKey)
        .toList();
  }

  synchronized List<String> split(String shardId) {
    FakeShard shard = shards.get(shardId);
    shard.closedAt = pace.nowMillis();
    int middle = (shard.low + shard.high) / 2;
    return List.of(
        newShard(shardId, null, shard.low, middle), newShard(shardId, null, middle, shard.high));
  }

  synchronized String merge(String first, String second) {
    shards.get(first).closedAt = pace.nowMillis();
    shards.get(second).closedAt = pace.nowMillis();
    return newShard(first, second, shards.get(first).low, shards.get(second).high);
  }

  synchronized void throttleNextCalls(int calls) {
    throttled = calls;
  }

  synchronized void failNextCalls(int calls) {
    unavailable = calls;
  }

  /** As a server that was restarted and knows its old iterators no more. */
  synchronized void forgetIterators() {
    iterators.clear();
  }

  synchronized void limitPages(int records, int everyWhichIsEmpty) {
    pageLimit = records;
    emptyPageEvery = everyWhichIsEmpty;
  }

  private void age() {
    long oldest = pace.nowMillis() - retentionMillis;
    for (FakeShard shard : shards.values()) {
      while (shard.trimmed < shard.records.size()
          && shard.records.get(shard.trimmed).arrivalMillis() < oldest) {
        shard.trimmed++;
      }
    }
    shards.values().removeIf(s -> s.closedAt != 0 && s.closedAt < oldest);
  }

  private void throttle() {
    if (unavailable > 0) {
      unavailable--;
      throw failure(KinesisApiException.Kind.UNAVAILABLE, "no answer");
    }
    if (throttled > 0) {
      throttled--;
      throw failure(KinesisApiException.Kind.THROTTLED, "rate exceeded");
    }
  }

  private static KinesisApiException failure(KinesisApiException.Kind kind, String message) {
    return new KinesisApiException(kind, message, null);
  }

  @Override
  public synchronized List<ShardInfo> listShards() {
    age();
    listCalls++;
    List<ShardInfo> result = new ArrayList<>();
    shards.forEach((id, s) -> result.add(new ShardInfo(id, s.parent, s.adjacent, s.closedAt != 0)));
    return result;
  }

  @Override
  public synchronized long retentionMillis() {
    return retentionMillis;
  }

  @Override
  public synchronized String shardIterator(String shardId, Position position) {
    throttle();
    age();
    FakeShard shard = shards.get(shardId);
    if (shard == null) {
      throw failure(KinesisApiException.Kind.SHARD_NOT_FOUND, shardId);
    }
    return iterator(shardId, index(shard, position));
  }

  private int index(FakeShard shard, Position position) {
    return switch (position.kind()) {
      case TRIM_HORIZON -> shard.trimmed;
      case AT_TIMESTAMP -> {
        long at = Long.parseLong(position.value());
        int index = shard.trimmed;
        while (index < shard.records.size() && shard.records.get(index).arrivalMillis() < at) {
          index++;
        }
        yield index;
      }
      case AT_SEQUENCE_NUMBER -> indexOf(shard, position.value());
      case AFTER_SEQUENCE_NUMBER -> indexOf(shard, position.value()) + 1;
    };
  }

  private int indexOf(FakeShard shard, String number) {
    for (int i = 0; i < shard.records.size(); i++) {
      if (shard.records.get(i).sequenceNumber().equals(number)) {
        return i;
      }
    }
    throw failure(KinesisApiException.Kind.INVALID_POSITION, "not of this stream: " + number);
  }

  private String iterator(String shardId, int index) {
    String name = "iterator-" + iteratorNumber++;
    iterators.put(name, new Iterator(shardId, index, pace.nowMillis()));
    return name;
  }

  @Override
  public synchronized Page getRecords(String name, int limit) {
    getRecordsCalls++;
    throttle();
    return read(name, limit);
  }

  /** What GetRecords gives when it isn't refused, and a subscription pushes. */
  synchronized Page read(String name, int limit) {
    age();
    Iterator iterator = iterators.get(name);
    if (iterator == null) {
      throw failure(KinesisApiException.Kind.INVALID_POSITION, "unknown iterator " + name);
    }
    if (pace.nowMillis() - iterator.madeAt() > ITERATOR_LIFE_MILLIS) {
      throw failure(KinesisApiException.Kind.EXPIRED_ITERATOR, name);
    }
    FakeShard shard = shards.get(iterator.shardId());
    if (shard == null) {
      throw failure(KinesisApiException.Kind.SHARD_NOT_FOUND, iterator.shardId());
    }
    if (refusesOldPlaces && iterator.index() < shard.trimmed) {
      throw failure(KinesisApiException.Kind.EXPIRED_ITERATOR, name + " stands too far back");
    }
    int from = Math.max(shard.trimmed, iterator.index());
    boolean empty = emptyPageEvery > 0 && ++pages % emptyPageEvery == 0;
    int count = empty ? 0 : Math.min(Math.min(limit, pageLimit), shard.records.size() - from);
    int to = from + count;
    boolean more = to < shard.records.size();
    long behind = more ? 1 + pace.nowMillis() - shard.records.get(to).arrivalMillis() : 0;
    String next = shard.closedAt != 0 && !more ? null : iterator(iterator.shardId(), to);
    return new Page(List.copyOf(shard.records.subList(from, to)), next, behind);
  }
}
