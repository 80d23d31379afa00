// The authorizer: which permissions a call needs, on what, and who has them.
#include "services/iam/authorizer.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/iam/denials.h"
#include "services/iam/policy/document.h"
#include "services/iam/session.h"
#include "sim/scheduler.h"
#include "wire/access.h"

namespace tarn::iam {
namespace {

using policy::Document;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using wire::Kind;
using wire::Location;
using wire::Schema;

struct Put {
  std::string table;
};
struct Item {
  std::optional<Put> put;
};
struct Tag {
  std::string key;
  std::string value;
};
struct Input {
  std::optional<std::string> bucket;
  std::optional<std::string> key;
  std::optional<std::string> arn;
  std::optional<std::string> copy_source;
  std::optional<std::int32_t> max_keys;
  std::optional<std::vector<Item>> items;
  std::optional<std::map<std::string, std::string>> by_table;
  std::optional<std::vector<Tag>> tags;
};

template <auto M>
constexpr wire::Member member(std::string_view name, const Schema* schema) {
  return {name,
          name,
          Location::kBody,
          schema,
          false,
          false,
          wire::TimestampFormat::kDefault,
          wire::access::emplace<M>,
          wire::access::find<M>};
}

const Schema kText = {.kind = Kind::kString, .name = "Text"};
const Schema kNumber = {.kind = Kind::kInteger, .name = "Number"};
const wire::Member kPutMembers[] = {member<&Put::table>("TableName", &kText)};
const Schema kPut = {.kind = Kind::kStructure, .name = "Put", .members = kPutMembers};
const wire::Member kItemMembers[] = {member<&Item::put>("Put", &kPut)};
const Schema kItem = {.kind = Kind::kStructure, .name = "Item", .members = kItemMembers};
const Schema kItems = {
    .kind = Kind::kList, .name = "Items", .element = &kItem, .list = &wire::access::kList<Item>};
const Schema kMap = {
    .kind = Kind::kMap, .name = "Map", .element = &kText, .map = &wire::access::kMap<std::string>};
const wire::Member kTagMembers[] = {member<&Tag::key>("Key", &kText),
                                    member<&Tag::value>("Value", &kText)};
const Schema kTag = {.kind = Kind::kStructure, .name = "Tag", .members = kTagMembers};
const Schema kTags = {
    .kind = Kind::kList, .name = "Tags", .element = &kTag, .list = &wire::access::kList<Tag>};
const wire::Member kInputMembers[] = {
    member<&Input::bucket>("Bucket", &kText),
    member<&Input::key>("Key", &kText),
    member<&Input::arn>("Arn", &kText),
    member<&Input::copy_source>("CopySource", &kText),
    member<&Input::max_keys>("MaxKeys", &kNumber),
    member<&Input::items>("Items", &kItems),
    member<&Input::by_table>("ByTable", &kMap),
    member<&Input::tags>("Tags", &kTags),
};
const Schema kInput = {.kind = Kind::kStructure, .name = "Input", .members = kInputMembers};

constexpr std::string_view kObject = "arn:{partition}:s3:::{Bucket}/{Key}";

Caller caller_of(Caller::Kind kind) {
  Caller out;
  out.kind = kind;
  out.account_id = "111122223333";
  out.region = "us-west-2";
  if (kind != Caller::Kind::kAnonymous) out.arn = "arn:aws:iam::111122223333:root";
  return out;
}

std::shared_ptr<const Document> parsed(const std::string& statement, Document::Kind kind) {
  return Document::parse(R"({"Version":"2012-10-17","Statement":[)" + statement + "]}", kind)
      .value();
}

Caller limited(const std::string& statement) {
  Caller out = caller_of(Caller::Kind::kRoot);
  Session session;
  session.policies.push_back(parsed(statement, Document::Kind::kIdentity));
  session.tags.emplace("Team", "red");
  out.session = std::make_shared<const Session>(std::move(session));
  return out;
}

class OnePolicy final : public ResourcePolicies {
 public:
  explicit OnePolicy(const std::string& statement)
      : document_(parsed(statement, Document::Kind::kResource)) {}
  [[nodiscard]] std::shared_ptr<const Document> find(std::string_view arn) const override {
    return arn.starts_with("arn:aws:s3:::b") ? document_ : nullptr;
  }
  [[nodiscard]] policy::Values values(std::string_view key,
                                      std::string_view /*arn*/) const override {
    return key == "s3:existingobjecttag/team" ? policy::Values{"red"} : policy::Values();
  }

 private:
  std::shared_ptr<const Document> document_;
};

class AuthorizerTest : public testing::Test {
 protected:
  wire::Operation operation(std::vector<wire::Permission> permissions) {
    permissions_ = std::move(permissions);
    wire::Operation out;
    out.service = "s3";
    out.name = "Do";
    out.input = &kInput;
    out.permissions = permissions_;
    return out;
  }
  wire::Operation get_object() { return operation({{"s3:GetObject", kObject, ""}}); }

  // "" where allowed, "own rules", or the error's message.
  std::string ask(const Caller& caller, const wire::Operation& operation, const Input& input) {
    auto answer = authorizer_.authorize({caller, operation, &input, nullptr});
    if (!answer.ok()) return answer.error().message;
    return answer->ground == Ground::kOwnRules ? "own rules" : "";
  }

  sim::Scheduler scheduler_{1};
  Authorizer authorizer_{scheduler_};
  std::vector<wire::Permission> permissions_;
};

TEST_F(AuthorizerTest, TheRootMayDoEverythingAndAUserWithoutPoliciesNothing) {
  Input input{.bucket = "b", .key = "k"};
  EXPECT_EQ(ask(caller_of(Caller::Kind::kRoot), get_object(), input), "");
  EXPECT_EQ(ask(caller_of(Caller::Kind::kService), get_object(), input), "");
  Caller user = caller_of(Caller::Kind::kUser);
  user.arn = "arn:aws:iam::111122223333:user/alice";
  EXPECT_EQ(ask(user, get_object(), input),
            "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:GetObject "
            "on resource: arn:aws:s3:::b/k because no identity-based policy allows the "
            "s3:GetObject action");
}

class NotedDenials final : public Denials {
 public:
  void passed_over(const Caller& caller, std::string_view action, std::string_view resource,
                   const std::string& message) override {
    last = caller.arn + " " + std::string(action) + " " + std::string(resource);
    last_message = message;
  }
  std::string last;
  std::string last_message;
};

TEST_F(AuthorizerTest, WhereDenialsAreAuditedOnlyWhatIsDeniedGoesOnAndIsTold) {
  NotedDenials denials;
  authorizer_.only_audit(denials);
  const Input input{.bucket = "b", .key = "k"};
  Caller user = caller_of(Caller::Kind::kUser);
  user.arn = "arn:aws:iam::111122223333:user/alice";
  EXPECT_EQ(ask(user, get_object(), input), "");
  EXPECT_EQ(denials.last, user.arn + " s3:GetObject arn:aws:s3:::b/k");
  EXPECT_THAT(denials.last_message, HasSubstr("is not authorized to perform: s3:GetObject"));
  denials.last.clear();
  EXPECT_EQ(ask(caller_of(Caller::Kind::kRoot), get_object(), input), "");
  EXPECT_EQ(denials.last, "");
  // Who did not sign is nobody.
  EXPECT_NE(ask(caller_of(Caller::Kind::kAnonymous), get_object(), input), "");
}

TEST_F(AuthorizerTest, WhatAHandlerKnowsIsAskedForByConditions) {
  const Caller caller = limited(
      R"({"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:EncryptionContext:Team":"red"}}})");
  const ConditionValues red = {{"kms:encryptioncontext:team", {"red"}}};
  const ConditionValues blue = {{"kms:encryptioncontext:team", {"blue"}}};
  EXPECT_TRUE(authorizer_.check(caller, "kms:Decrypt", "*", &red).ok());
  EXPECT_FALSE(authorizer_.check(caller, "kms:Decrypt", "*", &blue).ok());
  EXPECT_FALSE(authorizer_.check(caller, "kms:Decrypt", "*").ok());
}

TEST_F(AuthorizerTest, ASessionPolicyBindsEveryPermissionOfACall) {
  const Caller caller = limited(
      R"({"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::b/*"})");
  const auto copy =
      operation({{"s3:PutObject", kObject, ""},
                 {"s3:GetObject", "arn:{partition}:s3:::{CopySource?copy-source}", ""}});
  EXPECT_EQ(ask(caller, copy, {.bucket = "b", .key = "k", .copy_source = "/b/a%20b?versionId=1"}),
            "");
  EXPECT_THAT(ask(caller, copy, {.bucket = "b", .key = "k", .copy_source = "c/secret"}),
              HasSubstr("s3:GetObject on resource: arn:aws:s3:::c/secret because no session policy "
                        "allows"));
  EXPECT_THAT(ask(caller, copy, {.bucket = "c", .key = "k", .copy_source = "b/a"}),
              HasSubstr("s3:PutObject on resource: arn:aws:s3:::c/k"));
}

TEST_F(AuthorizerTest, EveryElementOfAListIsAsked) {
  const Caller caller = limited(
      R"({"Effect":"Allow","Action":"*","Resource":"arn:aws:dynamodb:us-west-2:111122223333:table/a*"})");
  const auto transact = operation({{"dynamodb:PutItem",
                                    "arn:{partition}:dynamodb:{region}:{account}:table/"
                                    "{Items[].Put.TableName?arn}",
                                    ""}});
  const auto items = [](std::vector<std::string> tables) {
    Input out;
    out.items.emplace();
    for (auto& table : tables) out.items->push_back({Put{std::move(table)}});
    return out;
  };
  EXPECT_EQ(ask(caller, transact, items({"a", "ab"})), "");
  EXPECT_THAT(ask(caller, transact, items({"a", "b"})), HasSubstr("table/b because"));
  // A name that is an ARN is that table and no other.
  EXPECT_THAT(ask(caller, transact, items({"arn:aws:dynamodb:us-west-2:111122223333:table/b"})),
              HasSubstr("resource: arn:aws:dynamodb:us-west-2:111122223333:table/b because"));
  EXPECT_EQ(ask(caller, transact, Input()), "");
}

TEST_F(AuthorizerTest, EveryKeyOfAMapIsAsked) {
  const Caller caller = limited(
      R"({"Effect":"Allow","Action":"*","Resource":"arn:aws:dynamodb:us-west-2:111122223333:table/a"})");
  const auto batch =
      operation({{"dynamodb:BatchGetItem",
                  "arn:{partition}:dynamodb:{region}:{account}:table/{ByTable.*?arn}", ""}});
  Input input;
  input.by_table.emplace();
  input.by_table->emplace("a", "");
  EXPECT_EQ(ask(caller, batch, input), "");
  input.by_table->emplace("b", "");
  EXPECT_THAT(ask(caller, batch, input), HasSubstr("table/b because"));
  EXPECT_THAT(resources_of(permissions_[0], batch, caller, &input),
              ElementsAre("arn:aws:dynamodb:us-west-2:111122223333:table/a",
                          "arn:aws:dynamodb:us-west-2:111122223333:table/b"));
}

TEST_F(AuthorizerTest, APermissionMayHangOnAMember) {
  const auto get =
      operation({{"s3:GetObject", kObject, "!Arn"}, {"s3:GetObjectVersion", kObject, "Arn"}});
  const Caller caller = limited(R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"*"})");
  EXPECT_EQ(ask(caller, get, {.bucket = "b", .key = "k"}), "");
  EXPECT_THAT(ask(caller, get, {.bucket = "b", .key = "k", .arn = "3"}),
              HasSubstr("s3:GetObjectVersion"));
}

TEST_F(AuthorizerTest, AnonymousCallersMayWhatAResourcePolicyAllows) {
  const Caller anonymous = caller_of(Caller::Kind::kAnonymous);
  EXPECT_THAT(ask(anonymous, get_object(), {.bucket = "b", .key = "k"}),
              HasSubstr("User: anonymous is not authorized to perform: s3:GetObject"));
  const OnePolicy open(
      R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"})");
  authorizer_.add("s3", open);
  EXPECT_EQ(ask(anonymous, get_object(), {.bucket = "b", .key = "k"}), "");
  EXPECT_THAT(ask(anonymous, get_object(), {.bucket = "c", .key = "k"}),
              HasSubstr("because no resource-based policy allows"));
  // What the service itself may open is left to it.
  auto own = get_object();
  own.anonymous = true;
  EXPECT_EQ(ask(anonymous, own, {.bucket = "c", .key = "k"}), "own rules");
}

TEST_F(AuthorizerTest, WhatNeedsNoPermissionStillNeedsACaller) {
  const auto who = operation({{"", "*", ""}});
  EXPECT_EQ(ask(caller_of(Caller::Kind::kUser), who, Input()), "");
  EXPECT_THAT(ask(caller_of(Caller::Kind::kAnonymous), who, Input()),
              HasSubstr("Sign the request"));
}

TEST_F(AuthorizerTest, ADenialBindsTheRootButForTheWayBack) {
  const OnePolicy closed(
      R"({"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]})");
  authorizer_.add("s3", closed);
  const Caller root = caller_of(Caller::Kind::kRoot);
  EXPECT_THAT(ask(root, get_object(), {.bucket = "b", .key = "k"}),
              HasSubstr("with an explicit deny in a resource-based policy"));
  const auto remove = operation({{"s3:DeleteBucketPolicy", "arn:{partition}:s3:::{Bucket}", ""}});
  EXPECT_EQ(ask(root, remove, {.bucket = "b"}), "");
}

TEST_F(AuthorizerTest, ConditionKeysComeFromCallerInputAndService) {
  const wire::ConditionKey keys[] = {
      {"s3:max-keys", "MaxKeys"}, {"aws:RequestTag", "Tags[]"}, {"aws:TagKeys", "Tags[].Key"}};
  auto list = operation({{"s3:ListBucket", "arn:{partition}:s3:::{Bucket}", ""}});
  list.condition_keys = keys;
  const OnePolicy none(R"({"Effect":"Allow","Principal":"*","Action":"s3:None","Resource":"*"})");
  authorizer_.add("s3", none);
  const auto allowed_if = [&](const std::string& condition, const Input& input) {
    return ask(limited(R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":)" + condition +
                       "}"),
               list, input)
        .empty();
  };
  EXPECT_TRUE(
      allowed_if(R"({"NumericLessThan":{"s3:max-keys":10}})", {.bucket = "b", .max_keys = 9}));
  EXPECT_FALSE(
      allowed_if(R"({"NumericLessThan":{"s3:max-keys":10}})", {.bucket = "b", .max_keys = 10}));
  const Input tagged{.bucket = "b", .tags = std::vector<Tag>{{"Cost", "1"}, {"Env", "test"}}};
  EXPECT_TRUE(allowed_if(R"({"StringEquals":{"aws:RequestTag/env":"test"}})", tagged));
  EXPECT_FALSE(allowed_if(R"({"ForAllValues:StringEquals":{"aws:TagKeys":["Env"]}})", tagged));
  EXPECT_TRUE(allowed_if(R"({"StringEquals":{"aws:PrincipalTag/team":"red"}})", tagged));
  EXPECT_TRUE(allowed_if(R"({"StringEquals":{"s3:ExistingObjectTag/team":"red"}})", tagged));
  EXPECT_TRUE(allowed_if(R"({"StringEquals":{"aws:ResourceAccount":"111122223333"}})", tagged));
  EXPECT_TRUE(allowed_if(R"({"Bool":{"aws:SecureTransport":"false"}})", tagged));
  EXPECT_TRUE(allowed_if(R"({"Null":{"aws:username":"true"}})", tagged));
  EXPECT_FALSE(allowed_if(R"({"StringEquals":{"aws:RequestedRegion":"us-east-1"}})", tagged));
}

TEST_F(AuthorizerTest, OnePermissionCanBeAskedForByItself) {
  const Caller caller = limited(R"({"Effect":"Allow","Action":"glue:*","Resource":"*"})");
  EXPECT_TRUE(authorizer_.check(caller, "glue:GetTable", "*").ok());
  EXPECT_FALSE(authorizer_.check(caller, "s3:GetObject", "*").ok());
  EXPECT_TRUE(authorizer_.check(caller_of(Caller::Kind::kRoot), "s3:GetObject", "*").ok());
}

TEST(ResourceOf, TakesTheFirstCompleteAlternative) {
  const wire::Permission permissions[] = {
      {"kinesis:Put", "{Arn}|arn:{partition}:kinesis:{region}:{account}:stream/{Key}", ""}};
  wire::Operation operation;
  operation.input = &kInput;
  operation.permissions = permissions;
  const Caller caller = caller_of(Caller::Kind::kRoot);
  Input input;
  EXPECT_EQ(resource_of(operation, caller, &input), "*");
  input.key = "s";
  EXPECT_EQ(resource_of(operation, caller, &input),
            "arn:aws:kinesis:us-west-2:111122223333:stream/s");
  input.arn = "arn:x";
  EXPECT_EQ(resource_of(operation, caller, &input), "arn:x");
  EXPECT_THAT(values_at(operation, &input, "MaxKeys"), IsEmpty());
}

}  // namespace
}  // namespace tarn::iam
