package dev.tarn.spark.kinesis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;

/**
 * A streaming query reduced to what matters for counting: offset log, commit log and a sink that
 * skips an epoch it has, as Iceberg does. A test may stop it at each of the places where a driver
 * can die; the logs, the sink and the committer stay.
 */
final class FakeQuery {
  /** Where the driver dies in a batch. */
  enum Death {
    NONE,
    AFTER_OFFSET_LOG,
    AFTER_HALF_THE_TASKS,
    AFTER_SINK,
    AFTER_COMMIT_LOG
  }

  private final FakeKinesis kinesis;
  private final Pace pace;
  private final Map<String, String> options;
  final FakeFanOut fanOut;
  final FakeCommitter committer = new FakeCommitter();
  final TreeMap<Integer, String> offsetLog = new TreeMap<>();
  final TreeMap<Integer, Boolean> commitLog = new TreeMap<>();
  final TreeMap<Integer, List<String>> sink = new TreeMap<>();

  private KinesisMicroBatchStream stream;
  private String current;

  FakeQuery(FakeKinesis kinesis, Pace pace, Map<String, String> options) {
    this(kinesis, pace, options, new FakeFanOut(kinesis, pace));
  }

  /**
   * @param fanOut used when the options say so
   */
  FakeQuery(FakeKinesis kinesis, Pace pace, Map<String, String> options, FakeFanOut fanOut) {
    this.kinesis = kinesis;
    this.pace = pace;
    this.options = new HashMap<>(options);
    this.options.putIfAbsent("kinesis.streamName", "clicks");
    this.options.putIfAbsent("kinesis.pollIntervalMs", "0");
    boolean pushed = KinesisOptions.parse(this.options).consumerName() != null;
    this.fanOut = pushed ? fanOut : null;
  }

  /** A new driver on the same checkpoint; a batch that was planned but not committed runs again. */
  void start() {
    start(false);
  }

  void start(boolean availableNow) {
    stream =
        new KinesisMicroBatchStream(
            KinesisOptions.parse(options), kinesis, fanOut, pace, committer, KeptBlock::new);
    if (availableNow) {
      stream.prepareForTriggerAvailableNow();
    }
    current = null;
    if (!offsetLog.isEmpty()) {
      int last = offsetLog.lastKey();
      if (commitLog.containsKey(last)) {
        current = offsetLog.get(last);
      } else {
        current = offsetLog.get(last - 1);
        run(last, Death.NONE);
      }
    }
  }

  void crash() {
    stream.stop();
    stream = null;
  }

  private Offset startOffset() {
    return current == null ? stream.initialOffset() : stream.deserializeOffset(current);
  }

  /** Looks for a batch and runs it; false when there was none. */
  boolean trigger() {
    return trigger(Death.NONE);
  }

  boolean trigger(Death death) {
    Offset start = startOffset();
    Offset end = stream.latestOffset(start, ReadLimit.allAvailable());
    if (end.equals(start)) {
      return false;
    }
    int batch = offsetLog.isEmpty() ? 0 : offsetLog.lastKey() + 1;
    offsetLog.put(batch, end.json());
    if (commitLog.containsKey(batch - 1)) {
      stream.commit(stream.deserializeOffset(offsetLog.get(batch - 1)));
    }
    run(batch, death);
    return true;
  }

  void drain() {
    while (trigger()) {}
  }

  private void run(int batch, Death death) {
    Offset start = startOffset();
    Offset end = stream.deserializeOffset(offsetLog.get(batch));
    if (death == Death.AFTER_OFFSET_LOG) {
      return;
    }
    InputPartition[] partitions = stream.planInputPartitions(start, end);
    List<String> rows = new ArrayList<>();
    int tasks = death == Death.AFTER_HALF_THE_TASKS ? partitions.length / 2 : partitions.length;
    for (int i = 0; i < tasks; i++) {
      read((ShardPartition) partitions[i], rows);
    }
    if (death == Death.AFTER_HALF_THE_TASKS) {
      return;
    }
    sink.putIfAbsent(batch, rows);
    if (death == Death.AFTER_SINK) {
      return;
    }
    commitLog.put(batch, true);
    current = offsetLog.get(batch);
  }

  private void read(ShardPartition partition, List<String> rows) {
    byte[] block = partition.block() == null ? null : partition.block().get();
    RecordSource records =
        block != null
            ? new RecordBlock.Reader(block)
            : new RangeReader(
                kinesis,
                pace,
                KinesisOptions.parse(options),
                partition.shardId(),
                partition.range());
    for (StreamRecord r = records.next(); r != null; r = records.next()) {
      rows.add(new String(r.data(), java.nio.charset.StandardCharsets.UTF_8));
    }
  }

  /** Reads a batch of the log once more, as a retried or speculative task would. */
  List<String> readAgain(int batch) {
    Offset end = stream.deserializeOffset(offsetLog.get(batch));
    String before = offsetLog.get(batch - 1);
    Offset start = before == null ? stream.initialOffset() : stream.deserializeOffset(before);
    List<String> rows = new ArrayList<>();
    for (InputPartition p : stream.planInputPartitions(start, end)) {
      read((ShardPartition) p, rows);
    }
    return rows;
  }

  KinesisMicroBatchStream stream() {
    return stream;
  }

  List<String> rows() {
    return sink.values().stream().flatMap(List::stream).toList();
  }

  private record KeptBlock(byte[] bytes) implements HandOver.Block {
    @Override
    public byte[] get() {
      return bytes;
    }
  }
}
