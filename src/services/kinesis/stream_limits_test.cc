// How many streams may be made at once, and how far a stream may be resharded.
#include <gtest/gtest.h>

#include "services/kinesis/service_fixture.h"

namespace tarn::kinesis {
namespace {

class StreamLimitsTest : public ServiceTest {
 protected:
  std::string create(const std::string& name) {
    CreateStreamInput input;
    input.stream_name = name;
    input.shard_count = 1;
    return code_of(call<CreateStream>(input));
  }

  std::string update_shard_count(const std::string& name, std::int32_t target) {
    UpdateShardCountInput input;
    input.stream_name = name;
    input.target_shard_count = target;
    input.scaling_type = "UNIFORM_SCALING";
    return code_of(call<UpdateShardCount>(input));
  }
};

TEST_F(StreamLimitsTest, FiveStreamsAreBeingCreatedAndNotOneMore) {
  files_.power_off();  // so that none gets its log
  for (const char* name : {"a", "b", "c", "d", "e"}) EXPECT_EQ(create(name), "");
  EXPECT_EQ(stream("e")->state().status, StreamStatus::kCreating);
  EXPECT_EQ(create("f"), "LimitExceededException");
  files_.crash();
  scheduler_.run_for(std::chrono::minutes(1));
  EXPECT_EQ(stream("e")->state().status, StreamStatus::kActive);
  EXPECT_EQ(create("f"), "");
}

TEST_F(StreamLimitsTest, AStreamGrowsToTenThousandShardsAndNotOneMore) {
  make_stream("wide", 9'999);
  EXPECT_EQ(update_shard_count("wide", 10'001), "LimitExceededException");
  EXPECT_EQ(update_shard_count("wide", 10'000), "");
  scheduler_.run();
  EXPECT_EQ(stream("wide")->state().open_shards(), 10'000);
}

}  // namespace
}  // namespace tarn::kinesis
