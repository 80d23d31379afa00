// Temporary keys: the terms they are given out under outlive a restart, expired ones go.
#include "services/iam/credentials.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

#include "services/iam/policy/document.h"
#include "sim/scheduler.h"

namespace tarn::iam {
namespace {

using policy::Document;
using std::chrono::seconds;

class CredentialsTest : public testing::Test {
 protected:
  CredentialsTest() {
    std::string pattern = testing::TempDir() + "tarn-iam-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    store_ = store::open_store(folder_).value();
    open();
  }
  ~CredentialsTest() override {
    credentials_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  // As at a start of the server.
  void open() {
    credentials_ = std::make_unique<Credentials>(*store_, scheduler_, scheduler_,
                                                 RootKey{"111122223333", "AKIAROOT", "secret"});
    ASSERT_TRUE(credentials_->load().ok());
  }

  static std::shared_ptr<const Document> policy(const std::string& action) {
    return Document::parse(
               R"({"Statement":{"Effect":"Allow","Resource":"*","Action":")" + action + R"("}})",
               Document::Kind::kIdentity)
        .value();
  }

  sim::Scheduler scheduler_{1};
  std::string folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Credentials> credentials_;
};

TEST_F(CredentialsTest, ASessionOfASessionKeepsBothPolicies) {
  const auto first =
      credentials_->issue_session(credentials_->root(), seconds(900), policy("s3:*"));
  const auto second = credentials_->issue_session(*first, seconds(900), policy("s3:Get*"));
  ASSERT_TRUE(second.ok());
  open();
  const auto found = credentials_->find(second->access_key_id);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->session->policies.size(), 2U);
  EXPECT_EQ(found->session->policies[0]->text(), policy("s3:*")->text());
  EXPECT_EQ(found->session->policies[1]->text(), policy("s3:Get*")->text());
  EXPECT_EQ(found->arn, "arn:aws:iam::111122223333:root");
}

TEST_F(CredentialsTest, AFederatedUserIsAPrincipalOfItsOwn) {
  const auto issued = credentials_->issue_federated(credentials_->root(), seconds(900), "bob",
                                                    nullptr, {{"Team", "red"}});
  ASSERT_TRUE(issued.ok());
  open();
  const auto found = credentials_->find(issued->access_key_id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, Caller::Kind::kFederatedUser);
  EXPECT_EQ(found->arn, "arn:aws:sts::111122223333:federated-user/bob");
  EXPECT_EQ(found->user_id, "111122223333:bob");
  EXPECT_EQ(found->session->tags.at("Team"), "red");
  ASSERT_EQ(found->session->policies.size(), 1U);
  EXPECT_TRUE(found->session->policies[0]->statements().empty());
}

TEST_F(CredentialsTest, KeysOfTheFirstVersionAreRead) {
  store::Batch batch;
  batch.put(store::Space::kIam, "session/ASIAOLD",
            R"({"v":1,"access_key_id":"ASIAOLD","secret_access_key":"s","session_token":"t",)"
            R"("expires_ms":99999999999999,"kind":1,"account_id":"111122223333",)"
            R"("arn":"arn:aws:iam::111122223333:root","user_id":"111122223333"})");
  ASSERT_TRUE(store_->commit(batch).ok());
  open();
  const auto found = credentials_->find("ASIAOLD");
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->session->policies.empty());
}

TEST_F(CredentialsTest, AVersionThatIsNotKnownIsNotTaken) {
  store::Batch batch;
  batch.put(store::Space::kIam, "session/ASIANEW", R"({"v":4,"access_key_id":"ASIANEW"})");
  ASSERT_TRUE(store_->commit(batch).ok());
  Credentials later(*store_, scheduler_, scheduler_, RootKey{"111122223333", "AKIAROOT", "s"});
  const Status loaded = later.load();
  ASSERT_FALSE(loaded.ok());
  EXPECT_TRUE(loaded.error().is(code::kCorrupt));
}

TEST_F(CredentialsTest, ExpiredKeysDoNotPileUp) {
  const auto early = credentials_->issue_session(credentials_->root(), seconds(-1));
  ASSERT_TRUE(early.ok());
  for (std::size_t i = 1; i < Credentials::kSweepFrom; ++i)
    ASSERT_TRUE(credentials_->issue_session(credentials_->root(), seconds(900)).ok());
  EXPECT_TRUE(credentials_->find(early->access_key_id));
  const auto late = credentials_->issue_session(credentials_->root(), seconds(900));
  EXPECT_FALSE(credentials_->find(early->access_key_id));
  EXPECT_TRUE(credentials_->find(late->access_key_id));
  EXPECT_FALSE(store_->get(store::Space::kIam, "session/" + early->access_key_id)->has_value());
}

}  // namespace
}  // namespace tarn::iam
