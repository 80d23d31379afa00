// What an SDK asks a metadata service for, in its order.
#include "services/metadata/room.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "platform/real/clock.h"
#include "platform/real/random.h"
#include "platform/real/threads.h"
#include "services/metadata/access.h"
#include "store/store.h"
#include "wire/json_value.h"

namespace tarn::metadata {
namespace {

namespace real = platform::real;
using nlohmann::json;

struct Answer {
  int status = 0;
  std::string content;
};

class MetadataTest : public testing::Test {
 protected:
  MetadataTest() {
    std::string pattern = testing::TempDir() + "tarn-metadata-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    store_ = store::open_store(folder_ + "/store").value();
    credentials_ = std::make_unique<iam::Credentials>(
        *store_, clock_, random_,
        iam::RootKey{"123456789012", "AKIAIOSFODNN7EXAMPLE", "root-secret"});
    keys_ = credentials_->issue_session(credentials_->root(), std::chrono::seconds(3600)).value();
    word_ = access_word(keys_);
    room_ = std::make_unique<MetadataRoom>(*credentials_, clock_);
  }
  ~MetadataTest() override {
    threads_.stop();
    std::filesystem::remove_all(folder_);
  }

  Answer call(const std::string& method, std::vector<std::string> path,
              const wire::Headers& headers = {}) {
    gateway::WebRequest request;
    request.method = method;
    request.path = std::move(path);
    request.headers = &headers;
    request.caller.region = "us-west-2";
    auto done = real::run_on(threads_.control(), room_->serve(std::move(request)));
    if (!done.ok()) return {done.error().http_status, done.error().message};
    return {done->status, done->content};
  }

  static wire::Headers with(const std::string& name, const std::string& value) {
    wire::Headers out;
    out.add(name, value);
    return out;
  }
  std::string token(const std::string& seconds = "21600") {
    return call("PUT", {word_, "latest", "api", "token"},
                with("x-aws-ec2-metadata-token-ttl-seconds", seconds))
        .content;
  }

  std::string folder_;
  real::Threads threads_{{.io_threads = 1, .blocking_threads = 1}};
  real::Clock clock_{threads_};
  real::Random random_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<iam::Credentials> credentials_;
  iam::Credential keys_;
  std::string word_;
  std::unique_ptr<MetadataRoom> room_;
};

TEST_F(MetadataTest, AContainersKeysAreForWhoHasTheWord) {
  const Answer given = call("GET", {"credentials"}, with("Authorization", "Bearer " + word_));
  ASSERT_EQ(given.status, 200) << given.content;
  const json keys = json::parse(given.content);
  EXPECT_EQ(keys["AccessKeyId"], keys_.access_key_id);
  EXPECT_EQ(keys["SecretAccessKey"], keys_.secret_access_key);
  EXPECT_EQ(keys["Token"], keys_.session_token);
  EXPECT_EQ(keys["RoleArn"], keys_.arn);
  EXPECT_EQ(keys["Expiration"].get<std::string>().back(), 'Z');
  EXPECT_EQ(call("GET", {"credentials"}).status, 401);
  EXPECT_EQ(call("GET", {"credentials"}, with("Authorization", "Bearer " + word_ + "0")).status,
            401);
  EXPECT_EQ(call("POST", {"credentials"}, with("Authorization", "Bearer " + word_)).status, 405);
}

TEST_F(MetadataTest, AnInstancesKeysNeedASession) {
  const std::vector<std::string> list = {word_, "latest", "meta-data", "iam",
                                         "security-credentials"};
  EXPECT_EQ(call("GET", list).status, 401);
  const wire::Headers session = with("X-aws-ec2-metadata-token", token());
  const Answer name = call("GET", list, session);
  ASSERT_EQ(name.status, 200);
  auto of_name = list;
  of_name.push_back(name.content);
  const json keys = json::parse(call("GET", of_name, session).content);
  EXPECT_EQ(keys["Code"], "Success");
  EXPECT_EQ(keys["Type"], "AWS-HMAC");
  EXPECT_EQ(keys["AccessKeyId"], keys_.access_key_id);
  EXPECT_EQ(call("GET", {word_, "latest", "meta-data", "placement", "region"}, session).content,
            "us-west-2");
  EXPECT_EQ(call("GET", {word_, "latest", "meta-data", "instance-id"}, session).status, 404);
  EXPECT_EQ(call("GET", {"ASIAX.0", "latest", "meta-data", "iam"}, session).status, 401);
}

TEST_F(MetadataTest, ASessionHasAnEnd) {
  for (const char* wrong : {"0", "21601", "", "ten", "10 "}) {
    EXPECT_EQ(call("PUT", {word_, "latest", "api", "token"},
                   with("x-aws-ec2-metadata-token-ttl-seconds", wrong))
                  .status,
              400)
        << wrong;
  }
  const std::string good = token("1");
  EXPECT_TRUE(is_session_token(good, keys_, clock_.now()));
  EXPECT_FALSE(is_session_token(good, keys_, clock_.now() + std::chrono::milliseconds(1001)));
  EXPECT_FALSE(is_session_token(good + "0", keys_, clock_.now()));
  wire::Headers forwarded = with("x-aws-ec2-metadata-token-ttl-seconds", "10");
  forwarded.add("X-Forwarded-For", "10.0.0.1");
  EXPECT_EQ(call("PUT", {word_, "latest", "api", "token"}, forwarded).status, 403);
}

TEST_F(MetadataTest, TheWordEndsWithItsKeysAndNoneStandsForTheRoot) {
  ASSERT_TRUE(credentials_->revoke(keys_.access_key_id).ok());
  EXPECT_EQ(call("GET", {"credentials"}, with("Authorization", "Bearer " + word_)).status, 401);
  const std::string root = access_word(credentials_->root());
  EXPECT_EQ(call("GET", {"credentials"}, with("Authorization", "Bearer " + root)).status, 401);
}

}  // namespace
}  // namespace tarn::metadata
