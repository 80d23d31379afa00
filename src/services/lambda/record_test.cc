#include "services/lambda/record.h"

#include <gtest/gtest.h>

namespace tarn::lambda {
namespace {

FunctionRecord example() {
  FunctionRecord out;
  out.name = "sizes";
  out.account = "123456789012";
  out.region = "us-west-2";
  out.latest.runtime = "python3.12";
  out.latest.handler = "index.handler";
  out.latest.environment = {{"GREETING", "hello"}};
  out.latest.code = {"ab12", 321};
  out.versions.emplace(1, out.latest).first->second.name = "1";
  out.next_version = 2;
  out.aliases.emplace("live", Alias{"live", "1", "what users call", "r-1"});
  out.tags = {{"team", "ads"}};
  out.reserved_concurrency = 0;
  out.policy = R"({"Statement":[]})";
  return out;
}

TEST(LambdaRecordTest, AFunctionIsReadAsItWasWritten) {
  const FunctionRecord written = example();
  const auto read = decode_function(encode(written));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(encode(*read), encode(written));
  EXPECT_EQ(read->versions.at(1).name, "1");
  EXPECT_EQ(read->versions.at(1).code.size, 321U);
  EXPECT_EQ(read->aliases.at("live").version, "1");
  EXPECT_EQ(read->reserved_concurrency, 0);
  EXPECT_EQ(read->arn(), "arn:aws:lambda:us-west-2:123456789012:function:sizes");
}

TEST(LambdaRecordTest, AnEventIsReadAsItWasWritten) {
  QueuedEvent event;
  event.id = "r-1";
  event.function = "sizes";
  event.payload = R"({"a":1})";
  event.attempts = 2;
  event.due = Timestamp{1234};
  const auto read = decode_event(encode(event));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(encode(*read), encode(event));
  EXPECT_EQ(read->due.ms, 1234);
}

TEST(LambdaRecordTest, DamageIsNamed) {
  for (const std::string record : {"", "1", "2{}", "1[]", "1{\"name\":"}) {
    const auto read = decode_function(record);
    ASSERT_FALSE(read.ok()) << record;
    EXPECT_TRUE(read.error().is(code::kCorrupt));
  }
}

}  // namespace
}  // namespace tarn::lambda
