package dev.tarn.spark.kinesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random lives of a query, each from one seed: records, splits, merges, throttling, empty pages,
 * expiry, deaths of the driver at every place, lost metadata. In the end the sink holds every
 * record once, and those of one key in order.
 */
class RandomisedCrashTest {
  private static final int STEPS = 150;

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 120);
  }

  private record Life(Random random, FakePace pace, FakeKinesis kinesis, FakeQuery query) {}

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyRecordOnceAndInOrder(long seed) {
    Random random = new Random(seed);
    FakePace pace = new FakePace();
    FakeKinesis kinesis = new FakeKinesis(pace, 1 + random.nextInt(3));
    boolean latest = random.nextBoolean();
    kinesis.refusesOldPlaces = random.nextBoolean();
    Map<String, String> options =
        Map.of(
            "kinesis.consumerType",
            random.nextBoolean() ? "GetRecords" : "SubscribeToShard",
            "kinesis.consumerName",
            "tests",
            "kinesis.startingposition",
            latest ? "LATEST" : "TRIM_HORIZON",
            "kinesis.maxFetchRecordsPerShard",
            Integer.toString(1 + random.nextInt(20)),
            "kinesis.handOverMaxBytes",
            List.of("0", "600", "1000000").get(random.nextInt(3)),
            "kinesis.describeShardInterval",
            List.of("0s", "10s", "1h").get(random.nextInt(3)));
    FakeQuery query = new FakeQuery(kinesis, pace, options);
    Life life = new Life(random, pace, kinesis, query);
    Map<String, Integer> counts = new HashMap<>();
    putSome(life, counts);
    query.start();
    if (latest) {
      query.trigger();
      counts.clear();
    }
    int[] firstOfKey = latest ? new int[] {1_000_000} : new int[] {0};
    for (int step = 0; step < STEPS; step++) {
      act(life, counts, firstOfKey[0]);
    }
    kinesis.limitPages(ShardCursor.MAX_PAGE, 0);
    query.drain();
    check(query, counts, firstOfKey[0]);
  }

  private static void putSome(Life life, Map<String, Integer> counts) {
    putSome(life, counts, 0);
  }

  private static void putSome(Life life, Map<String, Integer> counts, int base) {
    for (int i = life.random.nextInt(12); i > 0; i--) {
      String key = "k" + life.random.nextInt(8);
      int number = base + counts.merge(key, 1, Integer::sum) - 1;
      byte[] data = (key + "#" + number).getBytes(StandardCharsets.UTF_8);
      life.kinesis.put(life.kinesis.shardOf(key), key, data);
      life.pace.sleepMillis(life.random.nextInt(50));
    }
  }

  private static void act(Life life, Map<String, Integer> counts, int base) {
    Random random = life.random;
    List<String> open = life.kinesis.openShards();
    String shard = open.get(random.nextInt(open.size()));
    switch (random.nextInt(12)) {
      case 0 -> {
        if (open.size() < 8) {
          life.kinesis.split(shard);
        }
      }
      case 1 -> {
        String neighbour = life.kinesis.neighbour(shard);
        if (neighbour != null) {
          life.kinesis.merge(shard, neighbour);
        }
      }
      case 2 -> {
        life.kinesis.throttleNextCalls(random.nextInt(6));
        life.kinesis.failNextCalls(random.nextInt(4));
        if (random.nextBoolean()) {
          life.kinesis.forgetIterators();
        }
        if (life.query.fanOut != null && random.nextBoolean()) {
          life.query.fanOut.breakAll();
        }
      }
      case 3 -> life.kinesis.limitPages(1 + random.nextInt(10), 2 + random.nextInt(4));
      case 4 -> life.pace.sleepMillis(random.nextInt(7 * 60_000));
      case 5, 6 -> die(life);
      case 7, 8 -> life.query.trigger();
      default -> putSome(life, counts, base);
    }
    if (random.nextInt(20) == 0) {
      int batch = life.query.sink.isEmpty() ? -1 : life.query.sink.lastKey();
      if (batch >= 0) {
        assertEquals(life.query.sink.get(batch), life.query.readAgain(batch), "task again");
      }
    }
  }

  private static void die(Life life) {
    FakeQuery.Death[] deaths = FakeQuery.Death.values();
    life.query.trigger(deaths[life.random.nextInt(deaths.length)]);
    life.query.crash();
    life.query.committer.broken = life.random.nextInt(4) == 0;
    if (!life.query.offsetLog.isEmpty() && life.random.nextInt(4) == 0) {
      life.query.committer.initial = null;
      life.query.committer.progress = MetadataCommitter.Progress.NONE;
    }
    life.query.start();
  }

  private static void check(FakeQuery query, Map<String, Integer> counts, int base) {
    Map<String, List<Integer>> got = new HashMap<>();
    for (String row : query.rows()) {
      String[] parts = row.split("#");
      got.computeIfAbsent(parts[0], k -> new ArrayList<>()).add(Integer.parseInt(parts[1]));
    }
    Map<String, List<Integer>> wanted = new HashMap<>();
    counts.forEach(
        (key, count) ->
            wanted.put(key, java.util.stream.IntStream.range(base, base + count).boxed().toList()));
    assertEquals(wanted, got);
    assertTrue(query.sink.values().stream().noneMatch(List::isEmpty), "an empty batch");
  }
}
