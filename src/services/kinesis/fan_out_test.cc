// Enhanced fan-out in virtual time: what a consumer is pushed, and how its subscription ends.
#include <gtest/gtest.h>

#include "services/kinesis/service_fixture.h"

namespace tarn::kinesis {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// A read of a subscription that may have to wait.
struct Reading {
  std::optional<Result<std::optional<wire::Event>>> result;

  [[nodiscard]] bool waits() const { return !result; }
  [[nodiscard]] bool ended() const { return result && result->ok() && !result->value(); }
  [[nodiscard]] std::string exception() const {
    return result && !result->ok() ? std::string(result->error().code) : "";
  }
  SubscribeToShardEvent event() const {
    if (!result || !result->ok() || !result->value()) {
      ADD_FAILURE() << "no event: " << exception();
      return {};
    }
    return (*result)->value().payload.as<SubscribeToShardEvent>();
  }
};

Task<void> read_into(wire::Events events, std::shared_ptr<Reading> reading) {
  Result<std::optional<wire::Event>> result = co_await events->next();
  reading->result.emplace(std::move(result));
}

class FanOutTest : public ServiceTest {
 protected:
  std::string register_consumer(const std::string& name, const std::string& stream_arn) {
    RegisterStreamConsumerInput input;
    input.stream_arn = stream_arn;
    input.consumer_name = name;
    const auto output = call<RegisterStreamConsumer>(input);
    EXPECT_TRUE(output.ok()) << output.error().message;
    return output.ok() ? output->consumer.consumer_arn : "";
  }

  Result<wire::Events> subscribe(const std::string& consumer, const std::string& type,
                                 std::optional<std::string> sequence = {},
                                 std::uint32_t shard = 0) {
    SubscribeToShardInput input;
    input.consumer_arn = consumer;
    input.shard_id = shard_id(shard);
    input.starting_position.type = type;
    input.starting_position.sequence_number = std::move(sequence);
    TARN_TRY(const SubscribeToShardOutput output, call<SubscribeToShard>(input));
    return output.event_stream;
  }

  std::shared_ptr<Reading> read(const wire::Events& events) {
    auto reading = std::make_shared<Reading>();
    scheduler_.spawn(read_into(events, reading));
    scheduler_.run();
    return reading;
  }

  static std::vector<std::string> data_of(const SubscribeToShardEvent& event) {
    std::vector<std::string> data;
    data.reserve(event.records.size());
    for (const Record& record : event.records) data.push_back(record.data);
    return data;
  }

  using Strings = std::vector<std::string>;
};

TEST_F(FanOutTest, PushesRecordsWhenTheyAreCommitted) {
  const std::string consumer = register_consumer("c", make_stream("s"));
  const wire::Events events = subscribe(consumer, "LATEST").value();
  EXPECT_TRUE(read(events)->event().records.empty()) << "the first event tells where it begins";
  const auto waiting = read(events);
  EXPECT_TRUE(waiting->waits());
  ASSERT_TRUE(put("s", "one").ok());
  const SubscribeToShardEvent event = waiting->event();
  EXPECT_EQ(data_of(event), Strings{"one"});
  EXPECT_EQ(event.continuation_sequence_number, event.records[0].sequence_number);
  EXPECT_EQ(event.millis_behind_latest, 0);
  EXPECT_FALSE(event.child_shards.has_value());
}

TEST_F(FanOutTest, GivesAConsumerThatIsBehindManyRecordsAtOnce) {
  const std::string consumer = register_consumer("c", make_stream("s"));
  const wire::Events events = subscribe(consumer, "TRIM_HORIZON").value();
  for (const char* data : {"one", "two", "three"}) ASSERT_TRUE(put("s", data).ok());
  EXPECT_EQ(data_of(read(events)->event()), (Strings{"one", "two", "three"}));
}

TEST_F(FanOutTest, GoesOnBehindTheContinuationSequenceNumberAlsoOfAnEmptyShard) {
  const std::string consumer = register_consumer("c", make_stream("s"));
  const auto start = read(subscribe(consumer, "LATEST").value())->event();
  ASSERT_TRUE(put("s", "one").ok());
  ASSERT_TRUE(put("s", "two").ok());
  scheduler_.run_for(seconds(5));
  const wire::Events events =
      subscribe(consumer, "AFTER_SEQUENCE_NUMBER", start.continuation_sequence_number).value();
  const auto event = read(events)->event();
  EXPECT_EQ(data_of(event), (Strings{"one", "two"}));
  scheduler_.run_for(seconds(5));
  const wire::Events at =
      subscribe(consumer, "AT_SEQUENCE_NUMBER", event.continuation_sequence_number).value();
  EXPECT_EQ(data_of(read(at)->event()), Strings{"two"});
}

TEST_F(FanOutTest, TellsAQuietConsumerEveryFiveSecondsWhereItIs) {
  const std::string consumer = register_consumer("c", make_stream("s"));
  const wire::Events events = subscribe(consumer, "LATEST").value();
  read(events)->event();
  const auto waiting = read(events);
  scheduler_.run_for(milliseconds(4'999));
  EXPECT_TRUE(waiting->waits());
  scheduler_.run_for(milliseconds(1));
  EXPECT_TRUE(waiting->event().records.empty());
  EXPECT_TRUE(waiting->event().continuation_sequence_number.has_value());
}

TEST_F(FanOutTest, EndsAfterFiveMinutes) {
  const std::string consumer = register_consumer("c", make_stream("s"));
  const wire::Events events = subscribe(consumer, "LATEST").value();
  scheduler_.run_for(minutes(5) - milliseconds(1));
  EXPECT_FALSE(read(events)->ended());
  const auto waiting = read(events);
  scheduler_.run_for(milliseconds(1));
  EXPECT_TRUE(waiting->ended());
}

TEST_F(FanOutTest, ASecondSubscriptionIsRefusedForFiveSecondsAndThenTakesOver) {
  const std::string arn = make_stream("s", 2);
  const std::string consumer = register_consumer("c", arn);
  const wire::Events first = subscribe(consumer, "LATEST").value();
  scheduler_.run_for(milliseconds(4'999));
  EXPECT_EQ(code_of(subscribe(consumer, "LATEST")), "ResourceInUseException");
  EXPECT_TRUE(subscribe(consumer, "LATEST", {}, 1).ok()) << "another shard is free";
  EXPECT_TRUE(subscribe(register_consumer("d", arn), "LATEST").ok()) << "another consumer is too";
  read(first)->event();
  scheduler_.run_for(milliseconds(1));
  read(first)->event();
  const auto waiting = read(first);
  EXPECT_TRUE(waiting->waits());
  const wire::Events second = subscribe(consumer, "LATEST").value();
  scheduler_.run();
  EXPECT_EQ(waiting->exception(), "ResourceInUseException");
  EXPECT_FALSE(read(second)->event().continuation_sequence_number->empty());
}

TEST_F(FanOutTest, TheEndOfAShardNamesItsChildrenAndHasNoContinuation) {
  const std::string arn = make_stream("s");
  const std::string consumer = register_consumer("c", arn);
  const wire::Events events = subscribe(consumer, "TRIM_HORIZON").value();
  ASSERT_TRUE(put("s", "last").ok());
  EXPECT_EQ(data_of(read(events)->event()), Strings{"last"});
  const auto waiting = read(events);
  SplitShardInput split;
  split.stream_arn = arn;
  split.shard_to_split = shard_id(0);
  split.new_starting_hash_key = format_hash_key(HashKey{1} << 127);
  ASSERT_TRUE(call<SplitShard>(split).ok());
  scheduler_.run();
  const SubscribeToShardEvent event = waiting->event();
  EXPECT_TRUE(event.records.empty());
  EXPECT_FALSE(event.continuation_sequence_number.has_value());
  ASSERT_TRUE(event.child_shards.has_value());
  ASSERT_EQ(event.child_shards->size(), 2U);
  EXPECT_EQ((*event.child_shards)[0].shard_id, shard_id(1));
  EXPECT_EQ((*event.child_shards)[1].parent_shards, Strings{shard_id(0)});
  EXPECT_TRUE(read(events)->ended());
  scheduler_.run_for(seconds(5));
  const wire::Events again = subscribe(consumer, "LATEST").value();
  EXPECT_TRUE(read(again)->event().child_shards.has_value()) << "also when asked later";
}

TEST_F(FanOutTest, DeletingTheStreamEndsItsSubscriptions) {
  const std::string consumer = register_consumer("c", make_stream("s"));
  const wire::Events events = subscribe(consumer, "LATEST").value();
  read(events)->event();
  const auto waiting = read(events);
  DeleteStreamInput input;
  input.stream_name = "s";
  input.enforce_consumer_deletion = true;
  ASSERT_TRUE(call<DeleteStream>(input).ok());
  scheduler_.run();
  EXPECT_EQ(waiting->exception(), "ResourceNotFoundException");
  EXPECT_EQ(code_of(subscribe(consumer, "LATEST")), "ResourceNotFoundException");
}

TEST_F(FanOutTest, AStreamWithConsumersIsDeletedOnlyWhenAskedTwice) {
  register_consumer("c", make_stream("s"));
  DeleteStreamInput input;
  input.stream_name = "s";
  EXPECT_EQ(code_of(call<DeleteStream>(input)), "ResourceInUseException");
  EXPECT_EQ(stream("s")->state().status, StreamStatus::kActive);
}

TEST_F(FanOutTest, DeregisteringAConsumerEndsItsSubscriptionsAndNoOthers) {
  const std::string arn = make_stream("s");
  const std::string consumer = register_consumer("c", arn);
  const wire::Events mine = subscribe(consumer, "LATEST").value();
  const wire::Events other = subscribe(register_consumer("d", arn), "LATEST").value();
  read(mine)->event();
  read(other)->event();
  const auto waiting = read(mine);
  const auto other_waiting = read(other);
  DeregisterStreamConsumerInput input;
  input.consumer_arn = consumer;
  ASSERT_TRUE(call<DeregisterStreamConsumer>(input).ok());
  scheduler_.run();
  EXPECT_EQ(waiting->exception(), "ResourceNotFoundException");
  EXPECT_TRUE(other_waiting->waits());
}

TEST_F(FanOutTest, AStreamHasTwentyConsumers) {
  const std::string arn = make_stream("s");
  for (int i = 0; i < 20; ++i) register_consumer("c" + std::to_string(i), arn);
  RegisterStreamConsumerInput input;
  input.stream_arn = arn;
  input.consumer_name = "one-too-many";
  EXPECT_EQ(code_of(call<RegisterStreamConsumer>(input)), "LimitExceededException");
  input.consumer_name = "c7";
  EXPECT_EQ(code_of(call<RegisterStreamConsumer>(input)), "ResourceInUseException");
}

TEST_F(FanOutTest, ConsumersOutliveARestart) {
  const std::string consumer = register_consumer("c", make_stream("s"));
  ASSERT_TRUE(put("s", "one").ok());
  close();
  open();
  const wire::Events events = subscribe(consumer, "TRIM_HORIZON").value();
  EXPECT_EQ(data_of(read(events)->event()), Strings{"one"});
}

TEST_F(FanOutTest, AConsumerSlowerThanRetentionIsToldAndSkipsNothing) {
  const std::string consumer = register_consumer("c", make_stream("s"));
  const wire::Events events = subscribe(consumer, "TRIM_HORIZON").value();
  ASSERT_TRUE(put("s", "one").ok());
  const auto position = read(events)->event().continuation_sequence_number;
  ASSERT_TRUE(put("s", "missed").ok());
  // Retention drops whole segments: this one when it is a day old, by another that follows it.
  scheduler_.step_wall_clock(std::chrono::hours(25));
  scheduler_.run_for(seconds(30));
  scheduler_.spawn(kinesis_->lifecycle().retain());
  scheduler_.run();
  EXPECT_EQ(read(events)->exception(), "InternalFailureException");
  EXPECT_EQ(code_of(subscribe(consumer, "AFTER_SEQUENCE_NUMBER", position)),
            "InvalidArgumentException");
}

TEST_F(FanOutTest, AClientThatIsGoneAndAServerThatStopsEndSubscriptions) {
  const std::string arn = make_stream("s", 2);
  const std::string consumer = register_consumer("c", arn);
  const wire::Events gone = subscribe(consumer, "LATEST").value();
  const wire::Events stopped = subscribe(consumer, "LATEST", {}, 1).value();
  read(gone)->event();
  read(stopped)->event();
  const auto gone_waiting = read(gone);
  const auto stopped_waiting = read(stopped);
  gone->cancel();
  scheduler_.run();
  EXPECT_TRUE(gone_waiting->ended());
  EXPECT_TRUE(stopped_waiting->waits());
  kinesis_->end_subscriptions();
  scheduler_.run();
  EXPECT_TRUE(stopped_waiting->ended());
  scheduler_.run_for(seconds(5));
  EXPECT_EQ(code_of(subscribe(consumer, "LATEST")), "ServiceUnavailable");
}

TEST_F(FanOutTest, ListsConsumersPageByPage) {
  const std::string arn = make_stream("s");
  for (const char* name : {"c", "a", "b"}) register_consumer(name, arn);
  ListStreamConsumersInput input;
  input.stream_arn = arn;
  input.max_results = 2;
  const auto first = call<ListStreamConsumers>(input);
  ASSERT_TRUE(first.ok());
  ASSERT_EQ(first->consumers->size(), 2U);
  EXPECT_EQ((*first->consumers)[0].consumer_name, "a");
  input.next_token = first->next_token;
  const auto second = call<ListStreamConsumers>(input);
  ASSERT_EQ(second->consumers->size(), 1U);
  EXPECT_EQ((*second->consumers)[0].consumer_name, "c");
  EXPECT_FALSE(second->next_token.has_value());
  scheduler_.run_for(milliseconds(kTokenLifeMs + 1));
  EXPECT_EQ(code_of(call<ListStreamConsumers>(input)), "ExpiredNextTokenException");
}

}  // namespace
}  // namespace tarn::kinesis
