// Iterators in virtual time: how long they live, and that nothing is passed over in silence.
#include <gtest/gtest.h>

#include "services/kinesis/service_fixture.h"

namespace tarn::kinesis {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class ReadTest : public ServiceTest {
 protected:
  // Lets a day pass: retention drops what came before.
  void expire() {
    scheduler_.step_wall_clock(hours(25));
    scheduler_.run_for(seconds(30));
  }

  std::vector<std::string> list(const std::string& type, std::optional<Timestamp> at = {},
                                std::optional<std::string> after = {}, std::int32_t page = 10'000) {
    ListShardsInput input;
    input.stream_name = "s";
    input.shard_filter = ShardFilter{type, after, at};
    input.max_results = page;
    std::vector<std::string> ids;
    for (;;) {
      const auto output = call<ListShards>(input);
      EXPECT_TRUE(output.ok()) << output.error().message;
      for (const Shard& shard : *output->shards) ids.push_back(shard.shard_id.substr(19));
      if (!output->next_token) return ids;
      input = {};
      input.next_token = output->next_token;
      input.max_results = page;
    }
  }

  void split(std::uint32_t shard, HashKey at) {
    SplitShardInput input;
    input.stream_name = "s";
    input.shard_to_split = shard_id(shard);
    input.new_starting_hash_key = format_hash_key(at);
    EXPECT_TRUE(call<SplitShard>(input).ok());
    scheduler_.run();
  }
  using Strings = std::vector<std::string>;
};

TEST_F(ReadTest, AnIteratorLivesFiveMinutesAndNotLonger) {
  make_stream("s");
  const std::string at = iterator("s", "LATEST").value();
  scheduler_.run_for(milliseconds(300'000));
  EXPECT_TRUE(get(at).ok());
  scheduler_.run_for(milliseconds(1));
  EXPECT_EQ(code_of(get(at)), "ExpiredIteratorException");
}

TEST_F(ReadTest, AReaderSlowerThanRetentionIsToldAndSkipsNothing) {
  make_stream("s");
  ASSERT_TRUE(put("s", "read").ok());
  auto read = get(iterator("s", "TRIM_HORIZON").value());
  ASSERT_EQ(read->records.size(), 1U);
  const std::string seen = read->records[0].sequence_number;
  ASSERT_TRUE(put("s", "missed").ok());
  expire();
  ASSERT_TRUE(put("s", "new").ok());
  GetShardIteratorInput after;
  after.stream_name = "s";
  after.shard_id = shard_id(0);
  after.shard_iterator_type = "AFTER_SEQUENCE_NUMBER";
  after.starting_sequence_number = seen;
  EXPECT_EQ(code_of(get(*call<GetShardIterator>(after)->shard_iterator)),
            "ExpiredIteratorException");
  read = get(iterator("s", "TRIM_HORIZON").value());
  ASSERT_EQ(read->records.size(), 1U);
  EXPECT_EQ(read->records[0].data, "new");
}

TEST_F(ReadTest, AnIteratorAtTheHorizonMovesWithItUntilItIsUsed) {
  make_stream("s");
  ASSERT_TRUE(put("s", "old").ok());
  scheduler_.step_wall_clock(hours(25));
  const std::string at = iterator("s", "TRIM_HORIZON").value();
  scheduler_.run_for(seconds(30));
  ASSERT_TRUE(put("s", "new").ok());
  const auto read = get(at);
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->records.size(), 1U);
  EXPECT_EQ(read->records[0].data, "new");
}

TEST_F(ReadTest, EveryKindOfShardFilterListsItsShards) {
  make_stream("s");
  const Timestamp before = scheduler_.now();
  scheduler_.run_for(seconds(10));
  split(0, HashKey{1} << 127);  // 0 closes, 1 and 2 open
  const Timestamp between = scheduler_.now() + milliseconds(1);
  scheduler_.run_for(seconds(10));
  split(1, HashKey{1} << 126);  // 1 closes, 3 and 4 open
  scheduler_.run_for(seconds(10));
  EXPECT_EQ(list("AT_LATEST"), (Strings{"2", "3", "4"}));
  EXPECT_EQ(list("FROM_TRIM_HORIZON"), (Strings{"0", "1", "2", "3", "4"}));
  EXPECT_EQ(list("AT_TRIM_HORIZON"), (Strings{"0"}));
  EXPECT_EQ(list("AT_TIMESTAMP", before), (Strings{"0"}));
  EXPECT_EQ(list("AT_TIMESTAMP", between), (Strings{"1", "2"}));
  EXPECT_EQ(list("FROM_TIMESTAMP", between), (Strings{"1", "2", "3", "4"}));
  EXPECT_EQ(list("AFTER_SHARD_ID", {}, shard_id(2)), (Strings{"3", "4"}));
  for (const std::int32_t page : {1, 2, 3}) {
    EXPECT_EQ(list("FROM_TIMESTAMP", between, {}, page), (Strings{"1", "2", "3", "4"})) << page;
    EXPECT_EQ(list("AT_LATEST", {}, {}, page), (Strings{"2", "3", "4"})) << page;
    EXPECT_EQ(list("AFTER_SHARD_ID", {}, shard_id(0), page), (Strings{"1", "2", "3", "4"})) << page;
  }
}

TEST_F(ReadTest, AClosedShardGoesWhenItsLastRecordIsPastRetention) {
  make_stream("s");
  ASSERT_TRUE(put("s", "old").ok());
  split(0, HashKey{1} << 127);
  const std::string at = iterator("s", "TRIM_HORIZON").value();
  expire();
  EXPECT_EQ(list("FROM_TRIM_HORIZON"), (Strings{"1", "2"}));
  EXPECT_NE(code_of(get(at)), "") << "its reader is told";
}

}  // namespace
}  // namespace tarn::kinesis
