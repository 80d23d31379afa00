// What `--limits aws` enforces, at each limit and one past it, in virtual time.
#include "services/kinesis/limits.h"

#include <gtest/gtest.h>

#include "services/kinesis/service_fixture.h"

namespace tarn::kinesis {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(RateWindow, LetsNoSecondExceedItWhereverThatBegins) {
  RateWindow window(10);
  EXPECT_TRUE(window.try_take(4, milliseconds(0)));
  EXPECT_TRUE(window.try_take(6, milliseconds(900)));
  EXPECT_FALSE(window.try_take(1, milliseconds(999)));
  EXPECT_TRUE(window.try_take(4, milliseconds(1'000))) << "the first four are a second old";
  EXPECT_FALSE(window.try_take(1, milliseconds(1'899)));
  EXPECT_TRUE(window.try_take(6, milliseconds(1'900)));
}

TEST(RateWindow, AnAmountPastTheLimitPassesAloneAndCountsForLonger) {
  RateWindow window(10);
  EXPECT_TRUE(window.try_take(1, milliseconds(0)));
  EXPECT_FALSE(window.try_take(25, milliseconds(500)));
  EXPECT_TRUE(window.try_take(25, milliseconds(1'000)));
  EXPECT_FALSE(window.try_take(1, milliseconds(3'499)));
  EXPECT_TRUE(window.try_take(1, milliseconds(3'500)));
}

class LimitsTest : public ServiceTest {
 protected:
  LimitsTest() : ServiceTest(KinesisOptions{.aws_limits = true}) {}

  // So many records of so many bytes (with their keys) to the shard that takes hash key 0.
  Result<PutRecordsOutput> put_many(std::size_t count, std::size_t bytes,
                                    const std::string& hash_key = "0") {
    PutRecordsInput input;
    input.stream_name = "s";
    for (std::size_t i = 0; i < count; ++i) {
      PutRecordsRequestEntry& entry = input.records.emplace_back();
      entry.partition_key = "k";
      entry.explicit_hash_key = hash_key;
      entry.data.assign(bytes - 1, 'x');
    }
    return call<PutRecords>(input);
  }

  static constexpr const char* kExceeded = "ProvisionedThroughputExceededException";
};

TEST_F(LimitsTest, AShardTakesAThousandRecordsASecond) {
  make_stream("s", 2);
  EXPECT_EQ(put_many(500, 10)->failed_record_count, 0);
  EXPECT_EQ(put_many(499, 10)->failed_record_count, 0);
  const auto last = put_many(2, 10);
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->failed_record_count, 1);
  EXPECT_TRUE(last->records[0].sequence_number.has_value()) << "the thousandth";
  EXPECT_EQ(last->records[1].error_code, kExceeded);
  EXPECT_NE(last->records[1].error_message->find("shardId-000000000000"), std::string::npos);
  const auto all = put_many(3, 10);
  ASSERT_TRUE(all.ok()) << "also where no record was taken each has its own result";
  EXPECT_EQ(all->failed_record_count, 3);
  const std::string other_shard = format_hash_key(kLastHashKey);
  EXPECT_EQ(put_many(500, 10, other_shard)->failed_record_count, 0) << "shards do not share";
  scheduler_.run_for(seconds(1));
  EXPECT_EQ(put_many(500, 10)->failed_record_count, 0);
}

TEST_F(LimitsTest, AShardTakesOneMebibyteASecond) {
  make_stream("s");
  EXPECT_EQ(put_many(4, 256U << 10)->failed_record_count, 0);
  EXPECT_EQ(put_many(1, 1)->failed_record_count, 1);
  EXPECT_EQ(code_of(put("s", "x", "k")), kExceeded);
  scheduler_.run_for(seconds(1));
  EXPECT_EQ(put_many(1, (1U << 20) - 1)->failed_record_count, 0);
  EXPECT_EQ(put_many(1, 2)->failed_record_count, 1);
  EXPECT_EQ(put_many(1, 1)->failed_record_count, 0);
}

TEST_F(LimitsTest, AShardAnswersFiveGetRecordsASecond) {
  make_stream("s");
  const std::string at = iterator("s", "LATEST").value();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(get(at).ok());
  EXPECT_EQ(code_of(get(at)), kExceeded);
  scheduler_.run_for(milliseconds(999));
  EXPECT_EQ(code_of(get(at)), kExceeded);
  scheduler_.run_for(milliseconds(1));
  EXPECT_TRUE(get(at).ok());
}

TEST_F(LimitsTest, AShardGivesTwoMebibytesASecond) {
  make_stream("s");
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(put_many(2, 512U << 10)->failed_record_count, 0);
    scheduler_.run_for(seconds(1));
  }
  GetRecordsInput input;
  input.limit = 2;
  input.shard_iterator = iterator("s", "TRIM_HORIZON").value();
  for (int i = 0; i < 2; ++i) {
    const auto read = call<GetRecords>(input);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->records.size(), 2U);
    input.shard_iterator = *read->next_shard_iterator;
  }
  EXPECT_EQ(code_of(call<GetRecords>(input)), kExceeded) << "two mebibytes were read";
  scheduler_.run_for(seconds(1));
  EXPECT_TRUE(call<GetRecords>(input).ok());
}

TEST_F(LimitsTest, AfterTenMebibytesReadsThrowForFiveSeconds) {
  make_stream("s");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(put_many(4, 256U << 10)->failed_record_count, 0);
    scheduler_.run_for(seconds(1));
  }
  const auto read = get(iterator("s", "TRIM_HORIZON").value());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->records.size(), 40U);
  scheduler_.run_for(milliseconds(4'999));
  EXPECT_EQ(code_of(get(*read->next_shard_iterator)), kExceeded);
  scheduler_.run_for(milliseconds(1));
  EXPECT_TRUE(get(*read->next_shard_iterator).ok());
}

TEST_F(LimitsTest, AShardGivesFiveIteratorsASecond) {
  make_stream("s", 2);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(iterator("s", "LATEST").ok());
  EXPECT_EQ(code_of(iterator("s", "LATEST")), kExceeded);
  EXPECT_TRUE(iterator("s", "LATEST", 1).ok());
  scheduler_.run_for(seconds(1));
  EXPECT_TRUE(iterator("s", "LATEST").ok());
}

Task<void> count_bytes(wire::Events events, std::shared_ptr<std::size_t> bytes) {
  for (;;) {
    const Result<std::optional<wire::Event>> event = co_await events->next();
    if (!event.ok() || !event->has_value()) co_return;
    for (const Record& record : (*event)->payload.as<SubscribeToShardEvent>().records)
      *bytes += record.data.size() + record.partition_key->size();
  }
}

TEST_F(LimitsTest, ASubscriptionIsPushedTwoMebibytesASecond) {
  RegisterStreamConsumerInput consumer;
  consumer.stream_arn = make_stream("s");
  consumer.consumer_name = "c";
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(put_many(2, 512U << 10)->failed_record_count, 0);
    scheduler_.run_for(seconds(1));
  }
  SubscribeToShardInput input;
  input.consumer_arn = call<RegisterStreamConsumer>(consumer)->consumer.consumer_arn;
  input.shard_id = shard_id(0);
  input.starting_position.type = values::shard_iterator_type::kTrimHorizon;
  const auto bytes = std::make_shared<std::size_t>(0);
  scheduler_.spawn(count_bytes(call<SubscribeToShard>(input)->event_stream, bytes));
  scheduler_.run();
  EXPECT_EQ(*bytes, 2U << 20);
  scheduler_.run_for(milliseconds(999));
  EXPECT_EQ(*bytes, 2U << 20);
  scheduler_.run_for(milliseconds(21));
  EXPECT_EQ(*bytes, 4U << 20);
  scheduler_.run_for(milliseconds(1'020));
  EXPECT_EQ(*bytes, 5U << 20);
}

TEST_F(LimitsTest, AnOnDemandStreamDoublesWhenItsPeakNeedsIt) {
  CreateStreamInput input;
  input.stream_name = "s";
  input.stream_mode_details = StreamModeDetails{std::string(values::stream_mode::kOnDemand)};
  ASSERT_TRUE(call<CreateStream>(input).ok());
  scheduler_.run();
  EXPECT_EQ(stream("s")->state().open_shards(), 4);
  // Two of four mebibytes a second: what it has is twice its peak, as AWS keeps it.
  static_cast<void>(put_many(4, 256U << 10));
  static_cast<void>(put_many(4, 256U << 10, format_hash_key(kLastHashKey)));
  scheduler_.run_for(seconds(11));
  EXPECT_EQ(stream("s")->state().open_shards(), 4);
  for (int i = 0; i < 3; ++i) static_cast<void>(put_many(4, 256U << 10));
  scheduler_.run_for(seconds(11));
  EXPECT_EQ(stream("s")->state().open_shards(), 8);
  scheduler_.run_for(seconds(60));
  EXPECT_EQ(stream("s")->state().open_shards(), 8) << "it neither goes on nor goes back";
}

class UnlimitedTest : public ServiceTest {};

TEST_F(UnlimitedTest, NothingIsEnforcedByDefault) {
  make_stream("s");
  const std::string at = iterator("s", "LATEST").value();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(get(at).ok());
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(iterator("s", "LATEST").ok());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(put("s", std::string(1U << 20, 'x')).ok());
}

}  // namespace
}  // namespace tarn::kinesis
