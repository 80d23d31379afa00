#include "tarn/account.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "platform/real/random.h"

namespace tarn::app {
namespace {

class AccountTest : public testing::Test {
 protected:
  AccountTest() {
    std::string pattern = testing::TempDir() + "tarn-account-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    store_ = std::move(store::open_store(folder_)).value();
  }
  ~AccountTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string folder_;
  platform::real::Random random_;
  std::unique_ptr<store::Store> store_;
};

TEST_F(AccountTest, TheFirstStartMakesAnAccountAndLaterOnesFindIt) {
  const auto made = open_account(*store_, random_, {}).value();
  EXPECT_EQ(made.account_id.size(), 12U);
  EXPECT_NE(made.account_id.front(), '0');
  EXPECT_EQ(made.access_key_id.substr(0, 4), "AKIA");
  EXPECT_EQ(made.access_key_id.size(), 20U);
  EXPECT_EQ(made.secret_access_key.size(), 40U);
  const auto found = open_account(*store_, random_, {}).value();
  EXPECT_EQ(found.account_id, made.account_id);
  EXPECT_EQ(found.secret_access_key, made.secret_access_key);
}

TEST_F(AccountTest, APresetKeyReplacesTheStoredOneForGood) {
  const auto made = open_account(*store_, random_, {}).value();
  const AccountPresets presets{std::nullopt, "AKIAIOSFODNN7EXAMPLE", "a-secret-of-mine"};
  ASSERT_TRUE(open_account(*store_, random_, presets).ok());
  const auto found = open_account(*store_, random_, {}).value();
  EXPECT_EQ(found.account_id, made.account_id);
  EXPECT_EQ(found.access_key_id, "AKIAIOSFODNN7EXAMPLE");
  EXPECT_EQ(found.secret_access_key, "a-secret-of-mine");
}

TEST_F(AccountTest, TheAccountOfTheDataCannotBeChanged) {
  ASSERT_TRUE(open_account(*store_, random_, {"123456789012", std::nullopt, std::nullopt}).ok());
  const auto refused = open_account(*store_, random_, {"210987654321", std::nullopt, std::nullopt});
  EXPECT_EQ(refused.error().code, code::kInvalid);
  EXPECT_NE(refused.error().message.find("123456789012"), std::string::npos);
}

TEST_F(AccountTest, ARecordThatIsNotReadableIsCorrupt) {
  store::Batch batch;
  batch.put(store::Space::kAccount, "account", "[1]");
  ASSERT_TRUE(store_->commit(batch).ok());
  EXPECT_EQ(open_account(*store_, random_, {}).error().code, code::kCorrupt);
}

TEST(AccountPresets, WrongOnesAreNamedWithoutTellingTheSecret) {
  const auto message = [](const AccountPresets& presets) {
    return check_presets(presets).error().message;
  };
  EXPECT_NE(
      message({"12345", std::nullopt, std::nullopt}).find("TARN_ACCOUNT_ID must be 12 digits"),
      std::string::npos);
  EXPECT_NE(message({std::nullopt, "AKIAIOSFODNN7EXAMPLE", std::nullopt}).find("belong together"),
            std::string::npos);
  EXPECT_NE(
      message({std::nullopt, "too-short", "12345678"}).find("TARN_ROOT_ACCESS_KEY_ID must be"),
      std::string::npos);
  EXPECT_EQ(message({std::nullopt, "AKIAIOSFODNN7EXAMPLE", "my secret"}).find("my secret"),
            std::string::npos);
  EXPECT_TRUE(check_presets({"123456789012", "AKIAIOSFODNN7EXAMPLE", "a-secret-of-mine"}).ok());
}

}  // namespace
}  // namespace tarn::app
