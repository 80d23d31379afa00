// Key conditions: which range of keys a Query walks.
#include "services/dynamodb/expression/key_condition.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/dynamodb/expression/parser.h"
#include "services/dynamodb/testing/plain.h"

namespace tarn::dynamodb {
namespace {

const KeySchema kPair = {{"pk", Type::kString}, KeyAttribute{"sk", Type::kNumber}};
const KeySchema kText = {{"pk", Type::kString}, KeyAttribute{"sk", Type::kString}};
const KeySchema kHashOnly = {{"pk", Type::kString}, std::nullopt};

Result<KeyCondition> read(const std::string& expression, const KeySchema& schema) {
  Placeholders::Values values;
  for (auto& [name, value] :
       testing::item(R"({":p": "a", ":s": "b", ":t": "c", ":one": 1, ":two": 2})")) {
    values.emplace(name, value);
  }
  auto placeholders = Placeholders::make(nullptr, &values).value();
  TARN_TRY(const auto predicate,
           parse_condition("KeyConditionExpression", expression, placeholders));
  return key_condition(predicate, schema);
}

TEST(KeyCondition, TakesEveryOperatorOfSortKeys) {
  using Kind = KeyCondition::Kind;
  const std::vector<std::pair<std::string, Kind>> cases = {
      {"pk = :p", Kind::kAll},
      {"pk = :p AND sk = :one", Kind::kEqual},
      {"sk < :one AND pk = :p", Kind::kLess},
      {"(pk = :p) AND (sk <= :one)", Kind::kLessOrEqual},
      {":p = pk and :one < sk", Kind::kGreater},
      {"pk = :p AND sk > :one", Kind::kGreater},
      {"pk = :p AND sk >= :one", Kind::kGreaterOrEqual},
      {"pk = :p AND sk BETWEEN :one AND :two", Kind::kBetween}};
  for (const auto& [expression, kind] : cases) {
    const auto condition = read(expression, kPair);
    ASSERT_TRUE(condition.ok()) << expression << ": " << condition.error().message;
    EXPECT_EQ(condition->hash, testing::value("\"a\""));
    EXPECT_EQ(condition->range, kind) << expression;
    if (kind != Kind::kAll) {
      EXPECT_EQ(condition->low, testing::value("1")) << expression;
    }
  }
  const auto begins = read("pk = :p AND begins_with(sk, :s)", kText);
  ASSERT_TRUE(begins.ok());
  EXPECT_EQ(begins->range, Kind::kBeginsWith);
}

TEST(KeyCondition, RefusesInTheServicesWords) {
  const std::string not_supported = "Query key condition not supported";
  const std::string wrong_type =
      "One or more parameter values were invalid: Condition parameter type does not match schema "
      "type";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"sk = :one", "Query condition missed key schema element: pk"},
      {"pk = :p AND x = :one", "Query condition missed key schema element: sk"},
      {"pk > :p", not_supported},
      {"begins_with(pk, :p)", not_supported},
      {"pk = :one", wrong_type},
      {"pk = :p AND sk = :s", wrong_type},
      {"pk = :p AND sk BETWEEN :s AND :t", wrong_type},
      {"pk = :p AND pk = :s", "KeyConditionExpressions must only contain one condition per key"},
      {"pk = :p AND sk = :one AND x = :one", "Conditions can be of length 1 or 2 only"},
      {"pk = :p OR sk = :one", "Invalid operator used in KeyConditionExpression: OR"},
      {"NOT pk = :p", "Invalid operator used in KeyConditionExpression: NOT"},
      {"pk = :p AND sk <> :one", "Invalid operator used in KeyConditionExpression: <>"},
      {"pk IN (:p)", "Invalid operator used in KeyConditionExpression: IN"},
      {"pk = :p AND attribute_exists(sk)",
       "Invalid operator used in KeyConditionExpression: attribute_exists"},
      {"pk = :p AND contains(sk, :s)", "Invalid operator used in KeyConditionExpression: contains"},
      {"pk = sk", not_supported},
      {"pk.a = :p",
       "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested "
       "attributes"}};
  for (const auto& [expression, message] : cases) {
    const auto condition = read(expression, kPair);
    ASSERT_FALSE(condition.ok()) << expression;
    EXPECT_EQ(condition.error().code, "ValidationException");
    EXPECT_EQ(condition.error().message, message) << expression;
  }
  EXPECT_EQ(read("pk = :p AND sk = :s", kHashOnly).error().message, not_supported);
}

}  // namespace
}  // namespace tarn::dynamodb
