#include "generator/put_records.h"

#include <gtest/gtest.h>

#include "wire/encoding.h"
#include "wire/json_value.h"

namespace tarn::generator {
namespace {

Batch batch_of(std::initializer_list<std::pair<std::string_view, std::string_view>> records) {
  Batch batch;
  for (const auto& [data, key] : records) {
    const std::size_t begin = batch.block().size();
    batch.block() += data;
    const std::size_t key_at = batch.block().size();
    batch.block() += key;
    batch.close(begin, key_at, 1, {});
  }
  return batch;
}

TEST(PutRecords, WritesDataInBase64AndEscapesKeys) {
  std::string body;
  write_put_records("clicks", batch_of({{"{\"a\":1}", "k1"}, {"", "\"quoted\"\n"}}), body);
  const nlohmann::json json = nlohmann::json::parse(body);
  EXPECT_EQ(json["StreamName"], "clicks");
  ASSERT_EQ(json["Records"].size(), 2U);
  EXPECT_EQ(wire::from_base64(json["Records"][0]["Data"].get<std::string>()), "{\"a\":1}");
  EXPECT_EQ(json["Records"][0]["PartitionKey"], "k1");
  EXPECT_EQ(json["Records"][1]["Data"], "");
  EXPECT_EQ(json["Records"][1]["PartitionKey"], "\"quoted\"\n");
}

TEST(PutRecords, AnArnIsSentAsOne) {
  std::string body;
  write_put_records("arn:aws:kinesis:us-west-2:123456789012:stream/s", batch_of({{"a", "k"}}),
                    body);
  EXPECT_EQ(nlohmann::json::parse(body)["StreamARN"],
            "arn:aws:kinesis:us-west-2:123456789012:stream/s");
}

TEST(PutRecordsAnswer, TellsRecordByRecord) {
  const Answer answer = read_put_records_answer(
      200,
      R"({"FailedRecordCount":1,"Records":[{"SequenceNumber":"49","ShardId":"shardId-000000000000"},
          {"ErrorCode":"InternalFailure","ErrorMessage":"Internal service failure."}]})",
      2);
  EXPECT_EQ(answer.kind, Answer::Kind::kRecords);
  EXPECT_EQ(answer.errors, (std::vector<std::string>{"", "InternalFailure"}));
}

TEST(PutRecordsAnswer, AResultWithoutASequenceNumberIsNoAcknowledgement) {
  EXPECT_EQ(read_put_records_answer(200, R"({"Records":[{"ShardId":"s"}]})", 1).errors[0],
            "MalformedAnswer");
  EXPECT_EQ(read_put_records_answer(200, R"({"Records":[]})", 1).kind, Answer::Kind::kAgain);
  EXPECT_EQ(read_put_records_answer(200, "{\"Records\":[", 1).kind, Answer::Kind::kAgain);
  EXPECT_EQ(read_put_records_answer(200, "[]", 1).kind, Answer::Kind::kAgain);
}

TEST(PutRecordsAnswer, ThrottlingAndFaultsPassOthersDoNot) {
  const auto kind = [](int status, std::string_view body) {
    return read_put_records_answer(status, body, 1).kind;
  };
  EXPECT_EQ(
      kind(400, R"({"__type":"com.amazonaws.kinesis#ProvisionedThroughputExceededException"})"),
      Answer::Kind::kAgain);
  EXPECT_EQ(kind(500, R"({"__type":"InternalFailure"})"), Answer::Kind::kAgain);
  EXPECT_EQ(kind(503, "busy"), Answer::Kind::kAgain);
  EXPECT_EQ(kind(400, R"({"__type":"ResourceNotFoundException","message":"Stream x"})"),
            Answer::Kind::kRefused);
  EXPECT_EQ(kind(404, "<html>"), Answer::Kind::kRefused);
  const Answer refused = read_put_records_answer(
      400, R"({"__type":"a#ResourceNotFoundException","message":"Stream x"})", 1);
  EXPECT_EQ(refused.code, "ResourceNotFoundException");
  EXPECT_EQ(refused.message, "Stream x");
}

}  // namespace
}  // namespace tarn::generator
