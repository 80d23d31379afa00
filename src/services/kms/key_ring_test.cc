#include "services/kms/key_ring.h"

#include <chrono>

#include "services/kms/kms_fixture.h"

namespace tarn::kms {
namespace {

using std::chrono::hours;

std::string code_of(const auto& result) {
  return result.ok() ? "" : result.error().code;
}

class KeyRingTest : public KmsTest {
 protected:
  Result<DataKey> data_key(std::string name, EncryptionContext context = {}) {
    return run(kms_->keys().generate_data_key(caller_, std::move(name), std::move(context)));
  }
  Result<std::string> decrypt(const DataKey& key, const EncryptionContext& context = {}) {
    return kms_->keys().decrypt(caller_, key.ciphertext, context);
  }
  KeyView create() { return ring().create(caller_, {}).value(); }
  void disable(const std::string& id) {
    ASSERT_TRUE(ring()
                    .change(id,
                            [](Key& key) -> Status {
                              key.state = KeyState::kDisabled;
                              return {};
                            })
                    .ok());
  }
};

TEST_F(KeyRingTest, ADataKeyOpensWithItsContextOnly) {
  const auto key = data_key(create()->id, {{"a", "1"}, {"b", "2"}});
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->plaintext.size(), 32U);
  EXPECT_EQ(decrypt(*key, {{"b", "2"}, {"a", "1"}}).value(), key->plaintext);
  for (const EncryptionContext& other :
       {EncryptionContext{}, EncryptionContext{{"a", "1"}}, EncryptionContext{{"a", "1b2"}},
        EncryptionContext{{"a", "1"}, {"b", "3"}}}) {
    EXPECT_EQ(code_of(decrypt(*key, other)), "InvalidCiphertextException");
  }
}

TEST_F(KeyRingTest, NoBitOfACiphertextMayChange) {
  auto key = data_key(create()->id).value();
  for (std::size_t i = 0; i < key.ciphertext.size(); ++i) {
    DataKey spoilt = key;
    spoilt.ciphertext[i] = static_cast<char>(spoilt.ciphertext[i] ^ 1);
    EXPECT_EQ(code_of(decrypt(spoilt)), "InvalidCiphertextException") << i;
  }
  for (std::size_t length = 0; length < key.ciphertext.size(); ++length) {
    DataKey cut = key;
    cut.ciphertext.resize(length);
    EXPECT_EQ(code_of(decrypt(cut)), "InvalidCiphertextException") << length;
  }
  EXPECT_EQ(decrypt(key).value(), key.plaintext);
}

TEST_F(KeyRingTest, TwoDataKeysAreNeverAlike) {
  const std::string id = create()->id;
  const auto first = data_key(id);
  const auto second = data_key(id);
  EXPECT_NE(first->plaintext, second->plaintext);
  EXPECT_NE(first->ciphertext, second->ciphertext);
}

TEST_F(KeyRingTest, KeysAndAliasesOutliveARestart) {
  const KeyView key = create();
  ASSERT_TRUE(ring().create_alias(caller_, "alias/mine", *key).ok());
  const auto data = data_key("alias/mine");
  ASSERT_TRUE(open().ok());
  EXPECT_EQ(kms_->keys().resolve(caller_, "alias/mine").value(), key->arn());
  EXPECT_EQ(decrypt(*data).value(), data->plaintext);
}

TEST_F(KeyRingTest, AnAwsManagedKeyIsThereWhenItIsNamed) {
  const std::string arn = kms_->keys().resolve(caller_, "alias/aws/kinesis").value();
  EXPECT_TRUE(ring().keys(caller_).empty()) << "naming it makes none";
  EXPECT_EQ(data_key("alias/aws/kinesis")->key_arn, arn);
  EXPECT_EQ(data_key(arn)->key_arn, arn);
  ASSERT_EQ(ring().keys(caller_).size(), 1U);
  EXPECT_EQ(ring().aliases(caller_).front().name, "alias/aws/kinesis");
  caller_.region = "eu-west-1";
  EXPECT_NE(kms_->keys().resolve(caller_, "alias/aws/kinesis").value(), arn);
  EXPECT_EQ(code_of(kms_->keys().resolve(caller_, "alias/aws/nothing")), "NotFoundException");
}

TEST_F(KeyRingTest, AnAwsOwnedKeyIsNotSeen) {
  const auto key = data_key("aws-owned/s3");
  EXPECT_EQ(decrypt(*key).value(), key->plaintext);
  EXPECT_TRUE(ring().keys(caller_).empty());
  EXPECT_TRUE(ring().aliases(caller_).empty());
  EXPECT_EQ(data_key("aws-owned/s3")->key_arn, key->key_arn);
}

TEST_F(KeyRingTest, ADisabledKeyNeitherWrapsNorOpens) {
  const KeyView key = create();
  const auto data = data_key(key->arn());
  disable(key->id);
  EXPECT_EQ(code_of(data_key(key->id)), "DisabledException");
  EXPECT_EQ(code_of(decrypt(*data)), "DisabledException");
  EXPECT_EQ(code_of(kms_->keys().resolve(caller_, key->id)), "DisabledException");
}

TEST_F(KeyRingTest, ADeletedKeyIsGoneWithItsAliasesOnItsDate) {
  const KeyView key = create();
  ASSERT_TRUE(ring().create_alias(caller_, "alias/mine", *key).ok());
  const auto data = data_key(key->id);
  const Timestamp now = scheduler_.now();
  ASSERT_TRUE(ring()
                  .change(key->id,
                          [now](Key& edited) -> Status {
                            edited.state = KeyState::kPendingDeletion;
                            edited.deletion = now + hours(7 * 24);
                            return {};
                          })
                  .ok());
  EXPECT_EQ(code_of(decrypt(*data)), "KMSInvalidStateException");
  scheduler_.step_wall_clock(hours(7 * 24) - std::chrono::milliseconds(1));
  EXPECT_EQ(code_of(decrypt(*data)), "KMSInvalidStateException");
  scheduler_.step_wall_clock(std::chrono::milliseconds(1));
  EXPECT_EQ(code_of(decrypt(*data)), "InvalidCiphertextException");
  EXPECT_EQ(code_of(ring().find(caller_, key->id)), "NotFoundException");
  EXPECT_EQ(code_of(ring().find(caller_, "alias/mine")), "NotFoundException");
  EXPECT_TRUE(ring().aliases(caller_).empty());
  ASSERT_TRUE(open().ok());
  EXPECT_FALSE(records_->get(store::Space::kKms, "k" + key->id)->has_value())
      << "its material is destroyed";
}

TEST_F(KeyRingTest, ARotatedKeyOpensWhatItClosedBefore) {
  const KeyView key = create();
  const auto before = data_key(key->id);
  const Timestamp now = scheduler_.now();
  ASSERT_TRUE(ring()
                  .change(key->id,
                          [now](Key& edited) -> Status {
                            edited.rotation = {90, now + hours(90 * 24)};
                            return {};
                          })
                  .ok());
  scheduler_.step_wall_clock(hours(90 * 24));
  const auto after = data_key(key->id);
  EXPECT_EQ(ring().find(caller_, key->id).value()->materials.size(), 2U);
  EXPECT_EQ(data_key(key->id)->key_arn, key->arn());
  EXPECT_EQ(ring().find(caller_, key->id).value()->materials.size(), 2U) << "once a period";
  ASSERT_TRUE(open().ok());
  EXPECT_EQ(decrypt(*before).value(), before->plaintext);
  EXPECT_EQ(decrypt(*after).value(), after->plaintext);
}

TEST_F(KeyRingTest, AKeyHasAtMostFiftyAliases) {
  const KeyView key = create();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(ring().create_alias(caller_, "alias/n" + std::to_string(i), *key).ok());
  }
  EXPECT_EQ(code_of(ring().create_alias(caller_, "alias/n50", *key)), "LimitExceededException");
  EXPECT_EQ(code_of(ring().create_alias(caller_, "alias/n0", *key)), "AlreadyExistsException");
  ASSERT_TRUE(ring().delete_alias(caller_, "alias/n0").ok());
  EXPECT_TRUE(ring().create_alias(caller_, "alias/n50", *key).ok());
}

}  // namespace
}  // namespace tarn::kms
