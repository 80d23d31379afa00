// Resource policies of streams and consumers, as the authorizer finds them.
#include <gtest/gtest.h>

#include "services/kinesis/service_fixture.h"

namespace tarn::kinesis {
namespace {

class PolicyTest : public ServiceTest {
 protected:
  Result<wire::Unit> put_policy(const std::string& arn, const std::string& text) {
    PutResourcePolicyInput input;
    input.resource_arn = arn;
    input.policy = text;
    return call<PutResourcePolicy>(input);
  }
  static std::string policy_for(const std::string& arn) {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",)"
           R"("Action":"kinesis:GetRecords","Resource":")" +
           arn + R"("}]})";
  }
  std::string found(const std::string& arn) {
    const auto policy = kinesis_->find(arn);
    return policy ? policy->text() : "";
  }
};

TEST_F(PolicyTest, ThatOfAStreamAndThatOfItsConsumerAreTwo) {
  const std::string stream = make_stream("s");
  RegisterStreamConsumerInput input;
  input.stream_arn = stream;
  input.consumer_name = "c";
  const std::string consumer = call<RegisterStreamConsumer>(input)->consumer.consumer_arn;
  ASSERT_TRUE(put_policy(stream, policy_for(stream)).ok());
  EXPECT_EQ(found(stream), policy_for(stream));
  EXPECT_EQ(found(consumer), "");
  ASSERT_TRUE(put_policy(consumer, policy_for(consumer)).ok());
  close();
  open();
  EXPECT_EQ(found(stream), policy_for(stream));
  EXPECT_EQ(found(consumer), policy_for(consumer));
  DeleteResourcePolicyInput gone;
  gone.resource_arn = stream;
  ASSERT_TRUE(call<DeleteResourcePolicy>(gone).ok());
  EXPECT_EQ(found(stream), "");
  EXPECT_EQ(code_of(call<DeleteResourcePolicy>(gone)), "ResourceNotFoundException");
}

TEST_F(PolicyTest, WhatIsNoPolicyIsRefusedWithTheReason) {
  const std::string stream = make_stream("s");
  for (const char* text : {"no JSON", "[]", "{}", R"({"Statement":[{"Effect":"Maybe"}]})"})
    EXPECT_EQ(code_of(put_policy(stream, text)), "InvalidArgumentException") << text;
  const std::string whole = policy_for(stream);
  const std::string at_limit = whole + std::string((20U << 10) - whole.size(), ' ');
  EXPECT_TRUE(put_policy(stream, at_limit).ok());
  EXPECT_EQ(code_of(put_policy(stream, at_limit + " ")), "InvalidArgumentException");
}

TEST_F(PolicyTest, WhatIsNoArnOfAStreamHasNone) {
  make_stream("s");
  for (const char* arn : {"", "*", "arn", "arn:aws:kinesis", "arn:aws:kinesis:us-west-2:1:stream/",
                          "arn:aws:kinesis:us-west-2:111122223333:stream/s/consumer/"})
    EXPECT_EQ(kinesis_->find(arn), nullptr) << arn;
}

}  // namespace
}  // namespace tarn::kinesis
