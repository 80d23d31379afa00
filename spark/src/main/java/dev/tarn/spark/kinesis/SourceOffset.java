package dev.tarn.spark.kinesis;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.connector.read.streaming.Offset;

/**
 * The offset in Spark's own log: for every shard the exact range the batch reads. Format: {@code
 * docs/formats/aws-kinesis-source.md}. Immutable.
 */
final class SourceOffset extends Offset {
  private static final int VERSION = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String streamName;
  private final long turn;
  private final long caughtUpAt;
  private final SortedMap<String, ShardProgress> shards;
  private final String json;

  /**
   * @param turn 0 for the start of the query, then one more for each batch with records
   * @param caughtUpAt every record that had arrived by then lies before this offset; milliseconds
   *     since 1970, 0 when that was never so
   */
  SourceOffset(String streamName, long turn, long caughtUpAt, Map<String, ShardProgress> shards) {
    this.streamName = streamName;
    this.turn = turn;
    this.caughtUpAt = caughtUpAt;
    this.shards = Collections.unmodifiableSortedMap(new TreeMap<>(shards));
    this.json = write();
  }

  String streamName() {
    return streamName;
  }

  long turn() {
    return turn;
  }

  long caughtUpAt() {
    return caughtUpAt;
  }

  SortedMap<String, ShardProgress> shards() {
    return shards;
  }

  @Override
  public String json() {
    return json;
  }

  private String write() {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", VERSION).put("stream", streamName).put("turn", turn);
    root.put("caughtUpAt", caughtUpAt);
    ObjectNode list = root.putObject("shards");
    shards.forEach(
        (id, progress) -> {
          ObjectNode shard = list.putObject(id);
          if (progress.records() > 0) {
            shard.put("from", progress.from().encode()).put("records", progress.records());
          }
          shard.put("to", progress.to().encode());
          if (progress.ended()) {
            shard.put("closedAt", progress.closedAt());
          }
        });
    return root.toString();
  }

  /**
   * @throws IllegalArgumentException if the text is no offset of this source or of a later version
   */
  static SourceOffset parse(String text) {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not an offset of aws-kinesis: " + text, e);
    }
    if (!root.path("version").isInt() || !root.path("shards").isObject()) {
      throw new IllegalArgumentException("not an offset of aws-kinesis: " + text);
    }
    if (root.path("version").intValue() != VERSION) {
      throw new IllegalArgumentException(
          "The checkpoint holds offsets of version "
              + root.path("version")
              + "; this build of aws-kinesis reads version "
              + VERSION
              + ". Restart the query with the build that wrote it, or use a new checkpoint.");
    }
    Map<String, ShardProgress> shards = new TreeMap<>();
    root.path("shards")
        .properties()
        .forEach(entry -> shards.put(entry.getKey(), progress(entry.getValue())));
    return new SourceOffset(
        root.path("stream").asText(),
        root.path("turn").asLong(),
        root.path("caughtUpAt").asLong(),
        shards);
  }

  private static ShardProgress progress(JsonNode shard) {
    Position to = Position.decode(shard.path("to").asText());
    long records = shard.path("records").asLong();
    Position from = records > 0 ? Position.decode(shard.path("from").asText()) : to;
    return new ShardProgress(from, to, records, shard.path("closedAt").asLong());
  }
}
