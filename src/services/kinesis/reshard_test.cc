#include "services/kinesis/reshard.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "services/kinesis/stream_codec.h"

namespace tarn::kinesis {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

StreamState stream_of(std::int32_t shards) {
  StreamState state;
  state.name = "s";
  state.status = StreamStatus::kUpdating;
  state.shards = even_shards(shards, kNow);
  state.next_shard = static_cast<std::uint32_t>(shards);
  return state;
}

void finish_step(StreamState& state, std::int64_t now_ms) {
  std::map<std::uint32_t, Counter> ends;
  for (const std::uint32_t parent : state.step->parents) ends[parent] = 10;
  complete_step(state, ends, now_ms);
}

std::vector<ShardState> open_shards(const StreamState& state) {
  std::vector<ShardState> open;
  for (const ShardState& shard : state.shards) {
    if (shard.open()) open.push_back(shard);
  }
  std::sort(open.begin(), open.end(),
            [](const auto& a, const auto& b) { return a.start < b.start; });
  return open;
}

void expect_whole_range(const std::vector<ShardState>& open) {
  EXPECT_TRUE(open.front().start == 0);
  EXPECT_TRUE(open.back().end == kLastHashKey);
  for (std::size_t i = 1; i < open.size(); ++i) EXPECT_TRUE(open[i - 1].end + 1 == open[i].start);
}

TEST(EvenShards, ShareTheWholeRange) {
  for (const std::int32_t count : {1, 2, 3, 7, 100, 10'000}) {
    const auto shards = even_shards(count, kNow);
    EXPECT_EQ(shards.size(), static_cast<std::size_t>(count));
    expect_whole_range(shards);
  }
}

TEST(Stream, RoutesEachKeyToTheShardThatHoldsIt) {
  const Stream stream(stream_of(3), {});
  for (const ShardState& shard : stream.state().shards) {
    EXPECT_EQ(stream.route(shard.start)->number, shard.number);
    EXPECT_EQ(stream.route(shard.end)->number, shard.number);
  }
}

TEST(Reshard, AnyCountLeadsToAnyOther) {
  for (std::int32_t begin = 1; begin <= 9; ++begin) {
    for (std::int32_t target = 1; target <= 9; ++target) {
      StreamState state = stream_of(begin);
      state.target_shards = target;
      state.step = plan_toward(state, target, kNow);
      int steps = 0;
      while (state.step) {
        finish_step(state, kNow + ++steps);
        expect_whole_range(open_shards(state));
        ASSERT_LT(steps, 20);
      }
      const auto open = open_shards(state);
      const auto wanted = even_shards(target, kNow);
      ASSERT_EQ(open.size(), wanted.size()) << begin << " to " << target;
      for (std::size_t i = 0; i < open.size(); ++i) EXPECT_TRUE(open[i].start == wanted[i].start);
      EXPECT_EQ(state.status == StreamStatus::kActive, begin != target);
    }
  }
}

TEST(Reshard, ADoubledCountSplitsEachShardOnce) {
  for (std::int32_t begin = 1; begin <= 50; ++begin) {
    StreamState state = stream_of(begin);
    state.target_shards = 2 * begin;
    state.step = plan_toward(state, 2 * begin, kNow);
    finish_step(state, kNow + 1);
    EXPECT_FALSE(state.step) << begin;
    EXPECT_EQ(open_shards(state).size(), static_cast<std::size_t>(2 * begin));
  }
}

TEST(Reshard, BoundariesThatWereRoundedOtherwiseStay) {
  StreamState state = stream_of(2);
  state.shards[0].end -= 1;
  state.shards[1].start -= 1;
  const HashKey middle = state.shards[1].start;
  state.target_shards = 4;
  state.step = plan_toward(state, 4, kNow);
  finish_step(state, kNow + 1);
  EXPECT_FALSE(state.step);
  const auto open = open_shards(state);
  ASSERT_EQ(open.size(), 4U);
  EXPECT_TRUE(open[2].start == middle);
}

// https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html and the answers of ListShards
// there: four shards begin at quarters of 2^128.
TEST(Reshard, FourShardsBeginAtQuarters) {
  const auto shards = even_shards(4, kNow);
  EXPECT_EQ(format_hash_key(shards[1].start), "85070591730234615865843651857942052864");
  EXPECT_EQ(format_hash_key(shards[2].start), "170141183460469231731687303715884105728");
  EXPECT_EQ(format_hash_key(shards[3].start), "255211775190703847597530955573826158592");
}

TEST(Reshard, ChildrenAreLaterThanTheirParentsWhateverTheClockSays) {
  StreamState state = stream_of(2);
  state.step = plan_merge(state, 0, 1, kNow - 5000).value();
  EXPECT_GT(state.step->children[0].epoch_ms, state.shards[0].epoch_ms);
  finish_step(state, kNow - 5000);
  const ShardState merged = open_shards(state)[0];
  EXPECT_EQ(merged.parent, 0U);
  EXPECT_EQ(merged.adjacent_parent, 1U);
}

TEST(Reshard, RefusesSplitsThatLeaveOneSideEmpty) {
  StreamState state = stream_of(1);
  for (const HashKey at : {HashKey{0}, HashKey{1}, kLastHashKey}) {
    EXPECT_TRUE(plan_split(state, 0, at, kNow).error().is("InvalidArgumentException"));
  }
  EXPECT_TRUE(plan_split(state, 0, HashKey{2}, kNow).ok());
}

TEST(Reshard, RefusesToMergeWhatDoesNotTouch) {
  StreamState state = stream_of(3);
  EXPECT_FALSE(plan_merge(state, 0, 2, kNow).ok());
  EXPECT_FALSE(plan_merge(state, 1, 1, kNow).ok());
  EXPECT_TRUE(plan_merge(state, 2, 1, kNow).ok()) << "in either order";
}

TEST(StreamCodec, KeepsEverything) {
  StreamState state = stream_of(2);
  state.id = "id";
  state.account = "123456789012";
  state.region = "us-west-2";
  state.retention_hours = 48;
  state.on_demand = true;
  state.max_record_kib = 2048;
  state.tags = {{"a", "ü"}};
  state.count_updates_ms = {1, 2};
  state.target_shards = 4;
  state.step = plan_toward(state, 4, kNow);
  const std::string text = encode_stream(state);
  const auto read = decode_stream(text);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(encode_stream(*read), text);
  EXPECT_EQ(read->step->children.size(), 4U);
  finish_step(state, kNow + 1);
  EXPECT_EQ(encode_stream(decode_stream(encode_stream(state)).value()), encode_stream(state));
}

TEST(StreamCodec, RefusesWhatIsNoStream) {
  for (const std::string text : {"", "{}", "[1]", R"({"version":2})", R"({"version":1})"}) {
    EXPECT_TRUE(decode_stream(text).error().is(code::kCorrupt)) << text;
  }
}

TEST(ShardId, GoesBothWays) {
  EXPECT_EQ(shard_id(3), "shardId-000000000003");
  EXPECT_EQ(parse_shard_id("shardId-000000000003"), 3U);
  for (const std::string text :
       {"3", "shardId-3", "shardId-00000000000x", "shardId-999999999999"}) {
    EXPECT_FALSE(parse_shard_id(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace tarn::kinesis
