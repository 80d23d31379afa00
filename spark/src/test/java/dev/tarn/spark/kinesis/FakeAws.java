package dev.tarn.spark.kinesis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Kinesis and DynamoDB over HTTP and JSON, as far as source and sink use them. */
final class FakeAws implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;
    final String type;

    Refusal(String type, String message) {
      super(message);
      this.type = type;
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, FakeKinesis> streams = new TreeMap<>();
  final Map<String, Map<String, ObjectNode>> tables = new TreeMap<>();
  final List<String> createdTables = new ArrayList<>();
  final Set<String> consumers = new ConcurrentSkipListSet<>();

  /** How many records each PutRecords of a stream had; a test's tasks may end after their test. */
  final Map<String, List<Integer>> putCalls = new ConcurrentHashMap<>();

  private final AtomicInteger refusedRecords = new AtomicInteger();
  int registrations;
  private final FakeSubscriptions subscriptions;
  private final FrontDoor door;

  FakeAws() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::serve);
    server.setExecutor(threads);
    server.start();
    subscriptions = new FakeSubscriptions(this);
    door = new FrontDoor(server.getAddress().getPort(), subscriptions.port());
  }

  String url() {
    return "http://127.0.0.1:" + door.port();
  }

  /** As a server that goes down and comes back. */
  void breakSubscriptions() {
    subscriptions.breakAll();
  }

  /** The next connection for subscriptions stands still. */
  void standStillOnce() {
    subscriptions.standStill(1);
  }

  FakeKinesis stream(String name, int shards) {
    FakeKinesis stream = new FakeKinesis(Pace.SYSTEM, shards);
    streams.put(name, stream);
    return stream;
  }

  private void serve(HttpExchange exchange) throws IOException {
    ObjectNode answer;
    int status = 200;
    try {
      JsonNode input = JSON.readTree(exchange.getRequestBody());
      String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
      answer = answer(target.substring(target.indexOf('.') + 1), input);
    } catch (Refusal e) {
      status = 400;
      answer = JSON.createObjectNode().put("__type", e.type).put("message", e.getMessage());
    } catch (KinesisApiException e) {
      status = e.kind() == KinesisApiException.Kind.UNAVAILABLE ? 500 : 400;
      answer = JSON.createObjectNode().put("__type", type(e)).put("message", e.getMessage());
    }
    byte[] body = JSON.writeValueAsBytes(answer);
    exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  static String type(KinesisApiException e) {
    return switch (e.kind()) {
      case EXPIRED_ITERATOR -> "ExpiredIteratorException";
      case THROTTLED -> "ProvisionedThroughputExceededException";
      case SHARD_NOT_FOUND -> "ResourceNotFoundException";
      case INVALID_POSITION -> "InvalidArgumentException";
      case IN_USE -> "ResourceInUseException";
      case UNAVAILABLE, SUBSCRIPTION_OVER, OTHER -> "InternalFailure";
    };
  }

  private ObjectNode answer(String operation, JsonNode input) {
    return switch (operation) {
      case "ListShards" -> listShards(input);
      case "DescribeStreamSummary" -> describeStreamSummary(input);
      case "GetShardIterator" -> shardIterator(input);
      case "GetRecords" -> getRecords(input);
      case "PutRecords" -> putRecords(input);
      case "DescribeStreamConsumer" -> describeStreamConsumer(input);
      case "RegisterStreamConsumer" -> registerStreamConsumer(input);
      case "DescribeTable" -> describeTable(input);
      case "CreateTable" -> createTable(input);
      case "PutItem" -> putItem(input);
      case "GetItem" -> getItem(input);
      case "UpdateItem" -> updateItem(input);
      case "DeleteItem" -> deleteItem(input);
      case "Scan" -> scan(input);
      default -> throw new Refusal("UnknownOperationException", operation);
    };
  }

  FakeKinesis stream(String name) {
    FakeKinesis stream = streams.get(name);
    if (stream == null) {
      throw new Refusal("ResourceNotFoundException", "Stream " + name + " not found");
    }
    return stream;
  }

  /** Two shards a page, so that paging is used. */
  private ObjectNode listShards(JsonNode input) {
    String token = input.path("NextToken").asText("");
    String name = token.isEmpty() ? input.path("StreamName").asText() : token.split("/")[0];
    int from = token.isEmpty() ? 0 : Integer.parseInt(token.split("/")[1]);
    List<ShardInfo> shards = stream(name).listShards();
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode list = answer.putArray("Shards");
    for (ShardInfo s : shards.subList(from, Math.min(from + 2, shards.size()))) {
      ObjectNode shard = list.addObject().put("ShardId", s.id());
      if (s.parentId() != null) {
        shard.put("ParentShardId", s.parentId());
      }
      if (s.adjacentParentId() != null) {
        shard.put("AdjacentParentShardId", s.adjacentParentId());
      }
      ObjectNode range = shard.putObject("SequenceNumberRange");
      range.put("StartingSequenceNumber", "1");
      if (s.closed()) {
        range.put("EndingSequenceNumber", "9");
      }
    }
    if (from + 2 < shards.size()) {
      answer.put("NextToken", name + "/" + (from + 2));
    }
    return answer;
  }

  private ObjectNode describeStreamSummary(JsonNode input) {
    long millis = stream(input.path("StreamName").asText()).retentionMillis();
    ObjectNode answer = JSON.createObjectNode();
    answer
        .putObject("StreamDescriptionSummary")
        .put("StreamARN", "arn:aws:kinesis:us-west-2:1:stream/" + input.path("StreamName").asText())
        .put("RetentionPeriodHours", millis / 3_600_000);
    return answer;
  }

  private ObjectNode shardIterator(JsonNode input) {
    String name = input.path("StreamName").asText();
    Position.Kind kind = Position.Kind.valueOf(input.path("ShardIteratorType").asText());
    String value =
        switch (kind) {
          case TRIM_HORIZON -> "";
          case AT_TIMESTAMP -> Long.toString((long) (input.path("Timestamp").asDouble() * 1_000));
          default -> input.path("StartingSequenceNumber").asText();
        };
    String iterator =
        stream(name).shardIterator(input.path("ShardId").asText(), new Position(kind, value));
    return JSON.createObjectNode().put("ShardIterator", name + "/" + iterator);
  }

  static ObjectNode json(StreamRecord record) {
    return JSON.createObjectNode()
        .put("SequenceNumber", record.sequenceNumber())
        .put("PartitionKey", record.partitionKey())
        .put("Data", record.data())
        .put("ApproximateArrivalTimestamp", record.arrivalMillis() / 1_000.0);
  }

  private ObjectNode getRecords(JsonNode input) {
    String[] iterator = input.path("ShardIterator").asText().split("/");
    Page page = stream(iterator[0]).getRecords(iterator[1], input.path("Limit").asInt());
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode records = answer.putArray("Records");
    page.records().forEach(record -> records.add(json(record)));
    if (page.nextIterator() != null) {
      answer.put("NextShardIterator", iterator[0] + "/" + page.nextIterator());
    }
    return answer.put("MillisBehindLatest", page.millisBehindLatest());
  }

  /** Refuses records as {@link #refuseRecords} said; the others are stored. */
  private ObjectNode putRecords(JsonNode input) {
    FakeKinesis stream = stream(input.path("StreamName").asText());
    putCalls
        .computeIfAbsent(input.path("StreamName").asText(), name -> new CopyOnWriteArrayList<>())
        .add(input.path("Records").size());
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode results = answer.putArray("Records");
    for (JsonNode record : input.path("Records")) {
      ObjectNode result = results.addObject();
      if (refusedRecords.getAndDecrement() > 0) {
        result
            .put("ErrorCode", "ProvisionedThroughputExceededException")
            .put("ErrorMessage", "Rate exceeded for shard");
        continue;
      }
      String key = record.path("PartitionKey").asText();
      String shard =
          record.has("ExplicitHashKey")
              ? stream.openShards().get(record.path("ExplicitHashKey").asInt())
              : stream.shardOf(key);
      result.put("ShardId", shard);
      result.put("SequenceNumber", stream.put(shard, key, data(record)).sequenceNumber());
    }
    return answer;
  }

  private static byte[] data(JsonNode record) {
    try {
      return record.path("Data").binaryValue();
    } catch (IOException e) {
      throw new Refusal("SerializationException", "Data is not Base64");
    }
  }

  /** So many of the next records are refused, one by one, though the call succeeds. */
  void refuseRecords(int count) {
    refusedRecords.set(count);
  }

  private synchronized ObjectNode describeStreamConsumer(JsonNode input) {
    String prefix = consumerArn(input) + ":";
    String arn = consumers.stream().filter(c -> c.startsWith(prefix)).findFirst().orElse(null);
    if (arn == null) {
      throw new Refusal("ResourceNotFoundException", "no consumer " + prefix);
    }
    ObjectNode answer = JSON.createObjectNode();
    answer
        .putObject("ConsumerDescription")
        .put("ConsumerName", input.path("ConsumerName").asText())
        .put("ConsumerARN", arn)
        .put("ConsumerStatus", "ACTIVE");
    return answer;
  }

  private synchronized ObjectNode registerStreamConsumer(JsonNode input) {
    String arn = consumerArn(input) + ":" + ++registrations;
    consumers.add(arn);
    ObjectNode answer = JSON.createObjectNode();
    answer.putObject("Consumer").put("ConsumerARN", arn);
    return answer;
  }

  /** Without the time of the registration, which is a number here. */
  private static String consumerArn(JsonNode input) {
    return input.path("StreamARN").asText() + "/consumer/" + input.path("ConsumerName").asText();
  }

  private synchronized Map<String, ObjectNode> table(JsonNode input) {
    Map<String, ObjectNode> table = tables.get(input.path("TableName").asText());
    if (table == null) {
      throw new Refusal("ResourceNotFoundException", "no such table");
    }
    return table;
  }

  private ObjectNode describeTable(JsonNode input) {
    table(input);
    ObjectNode answer = JSON.createObjectNode();
    ObjectNode table = answer.putObject("Table").put("TableStatus", "ACTIVE");
    table.putArray("KeySchema").addObject().put("AttributeName", "source").put("KeyType", "HASH");
    return answer;
  }

  private synchronized ObjectNode createTable(JsonNode input) {
    createdTables.add(input.path("TableName").asText() + " " + input.path("BillingMode").asText());
    tables.put(input.path("TableName").asText(), new TreeMap<>());
    return JSON.createObjectNode();
  }

  private static String key(JsonNode item) {
    return item.path("source").path("S").asText();
  }

  private synchronized ObjectNode putItem(JsonNode input) {
    ObjectNode item = (ObjectNode) input.path("Item");
    if (!input.path("ConditionExpression").asText().equals("attribute_not_exists(#k)")) {
      throw new Refusal("ValidationException", "an unconditional PutItem");
    }
    if (table(input).putIfAbsent(key(item), item) != null) {
      throw new Refusal("ConditionalCheckFailedException", "there is one");
    }
    return JSON.createObjectNode();
  }

  private synchronized ObjectNode getItem(JsonNode input) {
    ObjectNode answer = JSON.createObjectNode();
    ObjectNode item = table(input).get(key(input.path("Key")));
    if (item != null) {
      answer.set("Item", item);
    }
    return answer;
  }

  /** Only {@code SET #name = :value, ...}. */
  private synchronized ObjectNode updateItem(JsonNode input) {
    Map<String, ObjectNode> table = table(input);
    String key = key(input.path("Key"));
    table.putIfAbsent(key, (ObjectNode) input.path("Key").deepCopy());
    String set = input.path("UpdateExpression").asText().substring("SET ".length());
    for (String assignment : set.split(", ")) {
      String[] sides = assignment.split(" = ");
      table
          .get(key)
          .set(
              input.path("ExpressionAttributeNames").path(sides[0]).asText(),
              input.path("ExpressionAttributeValues").path(sides[1]));
    }
    return JSON.createObjectNode();
  }

  private synchronized ObjectNode deleteItem(JsonNode input) {
    table(input).remove(key(input.path("Key")));
    return JSON.createObjectNode();
  }

  private synchronized ObjectNode scan(JsonNode input) {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode items = answer.putArray("Items");
    table(input).values().forEach(items::add);
    return answer;
  }

  @Override
  public void close() throws IOException {
    door.close();
    subscriptions.close();
    server.stop(0);
    threads.shutdownNow();
  }
}
