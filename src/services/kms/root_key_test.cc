#include "services/kms/root_key.h"

#include "services/kms/kms_fixture.h"

namespace tarn::kms {
namespace {

class RootKeyTest : public KmsTest {};

TEST_F(RootKeyTest, IsMadeOnceAndKept) {
  const std::string made = files_.content(kRootKeyPath);
  EXPECT_TRUE(made.starts_with("tarn-root-key-1:"));
  ASSERT_TRUE(open().ok());
  EXPECT_EQ(files_.content(kRootKeyPath), made);
}

TEST_F(RootKeyTest, AMissingOneIsAnErrorThatSaysWhatToDo) {
  ASSERT_TRUE(files_.remove(kRootKeyPath).ok());
  const Status started = open();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code, code::kInvalid);
  EXPECT_NE(started.error().message.find("--root-key-file"), std::string::npos);
  EXPECT_FALSE(files_.exists(kRootKeyPath)) << "never silently a new one";
}

TEST_F(RootKeyTest, AnotherOneIsAnError) {
  const std::string own = files_.content(kRootKeyPath);
  const std::string other = "tarn-root-key-1:" + std::string(64, 'a') + "\n";
  ASSERT_TRUE(files_.write_atomically(kRootKeyPath, other, 0600).ok());
  const Status started = open();
  ASSERT_FALSE(started.ok());
  EXPECT_NE(started.error().message.find("is not the root key of this data directory"),
            std::string::npos);
  ASSERT_TRUE(files_.write_atomically(kRootKeyPath, own, 0600).ok());
  EXPECT_TRUE(open().ok());
}

TEST_F(RootKeyTest, AFileThatHoldsNoneIsAnError) {
  for (const std::string content :
       {"", "secret", "tarn-root-key-1:", "tarn-root-key-1:abcd", "tarn-root-key-2:00"}) {
    ASSERT_TRUE(files_.write_atomically(kRootKeyPath, content, 0600).ok());
    const Status started = open();
    ASSERT_FALSE(started.ok()) << content;
    EXPECT_NE(started.error().message.find("is not a root key"), std::string::npos);
  }
}

TEST_F(RootKeyTest, OneThatWasThereIsTakenByANewDataDirectory) {
  const std::string own = files_.content(kRootKeyPath);
  kms_.reset();
  records_.reset();
  std::filesystem::remove_all(directory_);
  ASSERT_TRUE(open().ok());
  EXPECT_EQ(files_.content(kRootKeyPath), own);
}

TEST_F(RootKeyTest, TheStoreHoldsNoMaterialInTheClear) {
  const KeyView key = ring().create(caller_, {}).value();
  const auto record = records_->get(store::Space::kKms, "k" + key->id);
  ASSERT_TRUE(record.ok() && *record);
  EXPECT_EQ((*record)->find(key->materials.front().bytes), std::string::npos);
}

TEST_F(RootKeyTest, WrappedMaterialIsBoundToItsPlace) {
  const auto root = RootKey::open(files_, scheduler_, *records_, kRootKeyPath);
  const std::string wrapped = root->wrap(scheduler_, "secret", "key/1");
  EXPECT_EQ(root->unwrap(wrapped, "key/1").value(), "secret");
  EXPECT_FALSE(root->unwrap(wrapped, "key/2").ok());
  EXPECT_FALSE(root->unwrap(wrapped.substr(1), "key/1").ok());
  EXPECT_FALSE(root->unwrap("", "key/1").ok());
}

}  // namespace
}  // namespace tarn::kms
