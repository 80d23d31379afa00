package dev.tarn.spark.kinesis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides on the driver what the next batch reads, by reading ahead: the offset it returns names
 * for every shard the last sequence number seen. Nothing it holds in memory is needed after a
 * restart. Used by the query's one thread; reads shards on threads of its own until {@link #close}.
 */
final class ShardScout implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShardScout.class);

  /** Iterators live five minutes; after a longer pause the cursors begin anew. */
  private static final long CURSOR_LIFE_MILLIS = 5 * 60_000L;

  /** How long a closed shard that is no longer listed stays in the offset. */
  private static final long FORGET_AFTER_MILLIS = 25 * 3_600_000L;

  private static final long CHILDREN_APPEAR_MILLIS = 60_000;

  private final KinesisApi api;
  private final Pace pace;
  private final KinesisOptions options;
  private final Retention retention;
  private final ShardReaders readers;

  private SourceOffset base;
  private Map<String, ShardProgress> progress = new TreeMap<>();
  private final Map<String, ShardCursor> cursors = new HashMap<>();
  private final Map<String, Long> millisBehind = new TreeMap<>();
  private final Map<String, Long> wholeAt = new HashMap<>();
  private ShardGraph graph = new ShardGraph(List.of());
  private long listedAt;
  private long lookedAt;
  private long caughtUpAt;
  private long availableNowAt;
  private final Set<String> availableNowDone = new HashSet<>();

  /**
   * @param fanOut pushes the records, or null: then they are polled
   */
  ShardScout(KinesisApi api, FanOut fanOut, Pace pace, KinesisOptions options) {
    this.api = api;
    this.pace = pace;
    this.options = options;
    this.retention = new Retention(api, pace);
    this.readers = new ShardReaders(api, fanOut, pace, options, retention);
  }

  /**
   * From here on {@link #advance} ends at what the stream held at this moment, then finds nothing
   * more.
   */
  void stopAtWhatIsAvailableNow() {
    availableNowAt = pace.nowMillis();
    availableNowDone.clear();
  }

  /** Milliseconds each shard was behind its newest record when last looked at. */
  Map<String, Long> millisBehind() {
    return Map.copyOf(millisBehind);
  }

  /** See {@link SourceOffset#caughtUpAt}: of the base of the last call to {@link #advance}. */
  long caughtUpAt() {
    return caughtUpAt;
  }

  /** The offset before the first batch of a query that has no checkpoint yet. */
  SourceOffset initial() {
    long now = pace.nowMillis();
    List<ShardInfo> listing = api.listShards();
    Map<String, ShardProgress> start = new TreeMap<>();
    switch (options.startingPosition().kind()) {
      case TRIM_HORIZON ->
          listing.forEach(s -> start.put(s.id(), ShardProgress.startingAt(Position.TRIM_HORIZON)));
      case AT_TIMESTAMP -> {
        Position at = Position.atTimestamp(options.startingPosition().timestampMillis());
        listing.forEach(s -> start.put(s.id(), ShardProgress.startingAt(at)));
      }
      case LATEST -> {
        listing.stream()
            .filter(ShardInfo::closed)
            .forEach(
                s ->
                    start.put(
                        s.id(), ShardProgress.startingAt(Position.TRIM_HORIZON).endedAt(now)));
        List<String> open = listing.stream().filter(s -> !s.closed()).map(ShardInfo::id).toList();
        readers
            .newestPositions(open, now)
            .forEach((id, position) -> start.put(id, ShardProgress.startingAt(position)));
      }
    }
    boolean latest = options.startingPosition().kind() == StartingPosition.Kind.LATEST;
    return new SourceOffset(options.streamName(), 0, latest ? now : 0, start);
  }

  /**
   * The next batch after {@code start}, or nothing when no record has come. Looks no sooner than
   * the poll interval after the last look.
   *
   * @param provenCaughtUpAt when a query at {@code start} was last seen caught up, as far as it is
   *     known from elsewhere; 0 otherwise
   * @throws DataLossException when records after {@code start} are gone and failOnDataLoss is set
   * @throws KinesisApiException when the service refuses
   */
  Optional<Turn> advance(SourceOffset start, long provenCaughtUpAt) {
    long now = pace.nowMillis();
    if (!start.equals(base) || now - lookedAt > CURSOR_LIFE_MILLIS) {
      load(start, Math.max(provenCaughtUpAt, start.equals(base) ? caughtUpAt : 0));
    } else if (availableNowAt == 0 && now - lookedAt < options.pollMillis()) {
      // Waiting, not "nothing new": processAllAvailable() takes that answer for the truth.
      readers.awaitNews(lookedAt + options.pollMillis() - now);
      now = pace.nowMillis();
    }
    try {
      Optional<Turn> turn = look(now);
      lookedAt = pace.nowMillis();
      return turn;
    } catch (RuntimeException e) {
      base = null;
      throw e;
    }
  }

  private void load(SourceOffset start, long provenCaughtUpAt) {
    base = start;
    progress = new TreeMap<>();
    start.shards().forEach((id, shard) -> progress.put(id, shard.carried()));
    caughtUpAt = Math.max(start.caughtUpAt(), provenCaughtUpAt);
    closeCursors();
    wholeAt.clear();
    listedAt = 0;
    if (caughtUpAt != 0 && retention.mayHaveDropped(caughtUpAt)) {
      progress.forEach(this::checkUnread);
    }
  }

  private void closeCursors() {
    cursors.values().forEach(ShardCursor::close);
    cursors.clear();
  }

  /** A shard of which no record was read yet has none to prove by that nothing was dropped. */
  private void checkUnread(String shardId, ShardProgress shard) {
    if (shard.ended() || shard.to().isAfterRecord()) {
      return;
    }
    lost(
        shardId,
        "no record of it was read before the query stopped, longer ago than the stream keeps"
            + " records: what came since may be gone.");
  }

  /** Nor has a child shard; but it begins after the last record of its parents. */
  private void checkChild(String shardId) {
    long since =
        graph.parentsOf(shardId).stream()
            .mapToLong(parent -> wholeAt.getOrDefault(parent, 0L))
            .max()
            .orElse(0);
    if (since != 0 && retention.hasPassed(Math.max(since, caughtUpAt))) {
      lost(
          shardId,
          "its parent was read later than the stream keeps records: its first ones may be gone.");
    }
  }

  private void lost(String shardId, String what) {
    if (options.failOnDataLoss()) {
      base = null;
      throw new DataLossException(options.streamName(), shardId, what);
    }
    LOG.warn("Stream {}, shard {}: {}", options.streamName(), shardId, what);
  }

  private Optional<Turn> look(long now) {
    if (listedAt == 0 || now - listedAt >= options.describeShardMillis() || awaitsChildren(now)) {
      list(now);
    }
    AtomicLong budget = new AtomicLong(options.handOverBytes());
    while (true) {
      Set<String> drained = new HashSet<>();
      progress.forEach((id, shard) -> addIf(shard.ended(), drained, id));
      List<String> readable = graph.readable(progress, drained);
      int blocked = progress.size() - drained.size() - readable.size();
      readable.removeAll(availableNowDone);
      ShardReaders.Round round = new ShardReaders.Round(caughtUpAt, availableNowAt, budget);
      List<ShardLook> looks = readers.lookAll(cursorsOf(readable), round);
      long records = looks.stream().mapToLong(ShardLook::records).sum();
      boolean anyEnded = looks.stream().anyMatch(ShardLook::ended);
      boolean allCaughtUp = blocked == 0 && looks.stream().allMatch(l -> l.caughtUp() || l.ended());
      if (allCaughtUp && !anyEnded && availableNowDone.isEmpty()) {
        caughtUpAt = now;
      }
      note(looks, now);
      if (anyEnded) {
        list(now);
      }
      if (records > 0) {
        return Optional.of(turn(looks, now));
      }
      if (!anyEnded) {
        return Optional.empty();
      }
    }
  }

  private static void addIf(boolean condition, Set<String> set, String id) {
    if (condition) {
      set.add(id);
    }
  }

  private List<ShardCursor> cursorsOf(List<String> ids) {
    List<ShardCursor> result = new ArrayList<>();
    for (String id : ids) {
      ShardCursor cursor = cursors.computeIfAbsent(id, this::openCursor);
      if (graph.isClosed(id)) {
        cursor.expectEnd();
      }
      result.add(cursor);
    }
    return result;
  }

  private ShardCursor openCursor(String id) {
    Position from = progress.get(id).to();
    if (!from.isAfterRecord()) {
      checkChild(id);
    }
    return readers.cursor(id, from);
  }

  /** Takes what was found into the working state, without making it a batch yet. */
  private void note(List<ShardLook> looks, long now) {
    for (ShardLook look : looks) {
      String id = look.shardId();
      long closedAt = look.ended() ? now : 0;
      progress.put(id, new ShardProgress(look.from(), look.to(), look.records(), closedAt));
      millisBehind.put(id, look.millisBehindLatest());
      wholeAt.merge(id, look.wholeAt(), Math::max);
      if (look.ended()) {
        cursors.remove(id).close();
        millisBehind.remove(id);
      }
      boolean reachedNow = look.caughtUp() || look.lastArrivalMillis() >= availableNowAt;
      if (availableNowAt != 0 && reachedNow) {
        availableNowDone.add(id);
      }
    }
  }

  private Turn turn(List<ShardLook> looks, long now) {
    Map<String, byte[]> blocks = new HashMap<>();
    for (ShardLook look : looks) {
      if (look.records() > 0 && look.block() != null) {
        blocks.put(look.shardId(), look.block());
      }
    }
    progress
        .entrySet()
        .removeIf(
            e ->
                e.getValue().ended()
                    && !graph.lists(e.getKey())
                    && now - e.getValue().closedAt() > FORGET_AFTER_MILLIS);
    SourceOffset offset =
        new SourceOffset(options.streamName(), base.turn() + 1, caughtUpAt, progress);
    base = offset;
    progress.replaceAll((id, shard) -> shard.carried());
    return new Turn(offset, blocks);
  }

  /** A shard that just ended has children; ListShards may show them a moment later. */
  private boolean awaitsChildren(long now) {
    return progress.entrySet().stream()
        .anyMatch(
            e ->
                e.getValue().ended()
                    && now - e.getValue().closedAt() < CHILDREN_APPEAR_MILLIS
                    && !graph.hasChildren(e.getKey()));
  }

  private void list(long now) {
    graph = new ShardGraph(options.retry().call(pace, "ListShards", api::listShards));
    listedAt = now;
    Set<String> known = Set.copyOf(progress.keySet());
    for (ShardInfo shard : graph.unknownTo(known)) {
      for (String parent : graph.missedParents(shard, known)) {
        lost(
            parent,
            "its child "
                + shard.id()
                + " is new, but the shard itself is gone and was never read.");
      }
      progress.put(shard.id(), ShardProgress.startingAt(Position.TRIM_HORIZON));
      LOG.info("Stream {}: reading the new shard {}", options.streamName(), shard.id());
    }
  }

  @Override
  public void close() {
    readers.close();
    closeCursors();
  }
}
