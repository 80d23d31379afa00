// Streams encrypted by a KMS key: what lies on the disk, and what a key that cannot be used closes.
#include <gtest/gtest.h>

#include "services/kinesis/service_fixture.h"

namespace tarn::kinesis {
namespace {

// Wraps a data key by writing the KMS key's name before it.
class FakeKeys final : public kms::Keys {
 public:
  Result<std::string> resolve(const Caller&, std::string_view key) override {
    if (failure) return *failure;
    if (key != "alias/mine" && key != "alias/other")
      return tarn::Error("NotFoundException", "no such key");
    return std::string(key);
  }
  Task<Result<kms::DataKey>> generate_data_key(Caller caller, std::string key,
                                               kms::EncryptionContext context) override {
    TARN_CO_TRY(const std::string arn, resolve(caller, key));
    kms::DataKey made;
    made.key_arn = arn;
    made.plaintext.assign(32, static_cast<char>('a' + made_count++));
    made.ciphertext = arn + "|" + context["aws:kinesis:arn"] + "|" + made.plaintext;
    co_return made;
  }
  Result<std::string> decrypt(const Caller& caller, std::string_view ciphertext,
                              const kms::EncryptionContext& context) override {
    const std::string_view key = ciphertext.substr(0, ciphertext.find('|'));
    TARN_CHECK(resolve(caller, key));
    const std::string wrapped = std::string(key) + "|" + context.at("aws:kinesis:arn") + "|";
    if (!ciphertext.starts_with(wrapped))
      return tarn::Error("InvalidCiphertextException", "another context");
    return std::string(ciphertext.substr(wrapped.size()));
  }

  std::optional<Error> failure;
  int made_count = 0;
};

struct KeysHolder {
  FakeKeys keys;
};

class EncryptionTest : private KeysHolder, public ServiceTest {
 protected:
  EncryptionTest() : ServiceTest(KinesisOptions{.keys = &(KeysHolder::keys)}) {}

  FakeKeys& kms() { return KeysHolder::keys; }

  Result<wire::Unit> encrypt(const std::string& key = "alias/mine") {
    StartStreamEncryptionInput input;
    input.stream_name = "s";
    input.encryption_type = values::encryption_type::kKms;
    input.key_id = key;
    return call<StartStreamEncryption>(input);
  }
  Result<wire::Unit> stop(const std::string& key = "alias/mine") {
    StopStreamEncryptionInput input;
    input.stream_name = "s";
    input.encryption_type = values::encryption_type::kKms;
    input.key_id = key;
    return call<StopStreamEncryption>(input);
  }
  // All bytes of the stream's shard on the disk.
  std::string on_disk() {
    const std::string folder = "/data/kinesis/" + stream("s")->state().id + "/0000000000";
    std::string all;
    const auto entries = files_.list(folder);
    for (const auto& entry : *entries) all += files_.read(folder + "/" + entry.name).value();
    return all;
  }
  std::vector<std::string> all_data() {
    const auto read = get(iterator("s", "TRIM_HORIZON").value());
    EXPECT_TRUE(read.ok()) << read.error().message;
    std::vector<std::string> data;
    for (const Record& record : read->records) data.push_back(record.data);
    return data;
  }
  using Strings = std::vector<std::string>;
};

TEST_F(EncryptionTest, NothingOfARecordLiesOpenOnTheDisk) {
  make_stream("s");
  ASSERT_TRUE(encrypt().ok());
  const auto put_secret = put("s", "a very secret record", "a very secret key");
  ASSERT_TRUE(put_secret.ok());
  EXPECT_EQ(put_secret->encryption_type, "KMS");
  const std::string bytes = on_disk();
  EXPECT_NE(bytes.find("TKB1"), std::string::npos);
  EXPECT_EQ(bytes.find("secret"), std::string::npos);
  const auto read = get(iterator("s", "TRIM_HORIZON").value());
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->records.size(), 1U);
  EXPECT_EQ(read->records[0].data, "a very secret record");
  EXPECT_EQ(read->records[0].partition_key, "a very secret key");
  EXPECT_EQ(read->records[0].encryption_type, "KMS");
}

TEST_F(EncryptionTest, RecordsOfBeforeAndAfterAndOfAnotherKeyAreReadInOrder) {
  make_stream("s");
  ASSERT_TRUE(put("s", "open").ok());
  ASSERT_TRUE(encrypt().ok());
  ASSERT_TRUE(put("s", "sealed").ok());
  ASSERT_TRUE(encrypt("alias/other").ok());
  ASSERT_TRUE(put("s", "sealed anew").ok());
  ASSERT_TRUE(stop("alias/other").ok());
  ASSERT_TRUE(put("s", "open again").ok());
  EXPECT_EQ(all_data(), (Strings{"open", "sealed", "sealed anew", "open again"}));
  close();
  open();
  EXPECT_EQ(all_data(), (Strings{"open", "sealed", "sealed anew", "open again"}));
}

TEST_F(EncryptionTest, AKeyThatCannotBeUsedGivesItsExceptionAndNoData) {
  make_stream("s");
  ASSERT_TRUE(encrypt().ok());
  ASSERT_TRUE(put("s", "sealed").ok());
  const std::string at = iterator("s", "TRIM_HORIZON").value();
  const std::vector<std::pair<std::string, std::string>> names = {
      {"DisabledException", "KMSDisabledException"},
      {"NotFoundException", "KMSNotFoundException"},
      {"KMSInvalidStateException", "KMSInvalidStateException"},
      {"AccessDeniedException", "KMSAccessDeniedException"}};
  for (const auto& [theirs, ours] : names) {
    kms().failure.emplace(theirs, "not now");
    EXPECT_EQ(code_of(get(at)), ours);
    EXPECT_EQ(code_of(put("s", "more")), ours);
    EXPECT_EQ(code_of(encrypt()), ours);
  }
  kms().failure.reset();
  EXPECT_EQ(all_data(), Strings{"sealed"}) << "nothing was written meanwhile";
}

TEST_F(EncryptionTest, AFlippedBitIsAnErrorAndNeverData) {
  const ShardOrigin origin{1'700'000'000'000, 3};
  const BatchCipher cipher(7, std::string(32, 'k'), origin, scheduler_);
  BatchHeader header;
  header.first = 12;
  header.records = 2;
  header.flags = cipher.flags();
  const std::vector<std::string_view> parts = {"one", "two"};
  const std::string sealed = cipher.seal(header, parts);
  EXPECT_EQ(sealed.size(), 6 + BatchCipher::kOverhead);
  EXPECT_EQ(cipher.open(header, sealed).value(), "onetwo");
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    std::string other = sealed;
    other[at] = static_cast<char>(other[at] ^ 1);
    EXPECT_FALSE(cipher.open(header, other).ok()) << at;
  }
  BatchHeader moved = header;
  moved.first = 13;
  EXPECT_FALSE(cipher.open(moved, sealed).ok()) << "it stands for other records";
  const BatchCipher elsewhere(7, std::string(32, 'k'), {origin.epoch_ms, 4}, scheduler_);
  EXPECT_FALSE(elsewhere.open(header, sealed).ok()) << "it is another shard's";
  EXPECT_NE(cipher.seal(header, parts), sealed) << "no nonce comes twice";
}

TEST_F(EncryptionTest, DescribesItsKeyAndRefusesWrongOnes) {
  make_stream("s");
  EXPECT_EQ(code_of(encrypt("alias/unknown")), "KMSNotFoundException");
  EXPECT_EQ(code_of(stop()), "InvalidArgumentException");
  ASSERT_TRUE(encrypt().ok());
  EXPECT_EQ(code_of(stop("alias/other")), "InvalidArgumentException");
  DescribeStreamSummaryInput input;
  input.stream_name = "s";
  const auto summary = call<DescribeStreamSummary>(input)->stream_description_summary;
  EXPECT_EQ(summary.encryption_type, "KMS");
  EXPECT_EQ(summary.key_id, "alias/mine");
}

TEST_F(EncryptionTest, ChangesTwentyFiveTimesADay) {
  make_stream("s");
  for (int i = 0; i < 25; ++i) EXPECT_TRUE(encrypt().ok());
  EXPECT_EQ(code_of(encrypt()), "LimitExceededException");
  scheduler_.step_wall_clock(std::chrono::hours(24));
  EXPECT_TRUE(encrypt().ok());
}

TEST_F(EncryptionTest, AFlagOfALaterVersionIsAnErrorWithItsPlace) {
  make_stream("s");
  ASSERT_TRUE(put("s", "x").ok());
  const std::string path =
      "/data/kinesis/" + stream("s")->state().id + "/0000000000/00000000000000000001.seg";
  std::string bytes = files_.read(path).value();
  BatchHeader header = BatchHeader::decode(std::string_view(bytes).substr(64)).value();
  header.flags = 2;
  const auto changed = header.encode();
  auto file = std::move(files_.open(path, platform::OpenMode::kReadWrite)).value();
  ASSERT_TRUE(file->write_at(64, {changed.data(), changed.size()}).ok());
  const auto read = get(iterator("s", "TRIM_HORIZON").value());
  ASSERT_FALSE(read.ok());
  EXPECT_TRUE(read.error().is(code::kCorrupt));
  EXPECT_NE(read.error().message.find(path), std::string::npos);
}

}  // namespace
}  // namespace tarn::kinesis
