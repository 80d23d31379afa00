// Updates and projections: what an item becomes, and what is refused in which words.
#include "services/dynamodb/expression/update.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/dynamodb/expression/parser.h"
#include "services/dynamodb/expression/projection.h"
#include "services/dynamodb/testing/plain.h"

namespace tarn::dynamodb {
namespace {

constexpr std::string_view kValues = R"({
  ":one": 1, ":two": 2, ":half": 0.5, ":s": "text", ":l": ["x", "y"], ":el": [], ":m": {"k": 1}, ":t": true,
  ":ss": {"$ss": ["b", "c"]}, ":ns": {"$ns": [2, 3]}, ":bs": {"$bs": ["q"]}, ":all": {"$ss": ["a", "b"]}, ":null": null,
  ":max": 9e125})";

constexpr std::string_view kItem = R"({
  "n": 5, "s": "old", "l": [0, 1, 2, 3], "m": {"a": 1, "b": {"c": [1, 2]}}, "ss": {"$ss": ["a", "b"]}, "ns": {"$ns": [1, 2]},
  "huge": 9e125})";

Placeholders placeholders() {
  const Placeholders::Names names = {{"#n", "n"}, {"#new", "brand.new"}};
  Placeholders::Values values;
  for (auto& [name, value] : testing::item(kValues)) values.emplace(name, value);
  return Placeholders::make(&names, &values).value();
}

// The item after the expression, with the JSON merged in: {"n": null} removes n.
struct Case {
  std::string expression;
  std::string changed;               // attributes that are new or different
  std::vector<std::string> removed;  // attributes that are gone
};

TEST(Update, ChangesTheItem) {
  const std::vector<Case> cases = {
      {"SET s = :s", R"({"s": "text"})", {}},
      {"set #new = :one, s = :t", R"({"brand.new": 1, "s": true})", {}},
      {"SET n = n + :one", R"({"n": 6})", {}},
      {"SET #n = n - :half", R"({"n": 4.5})", {}},
      {"SET n = :two - n", R"({"n": -3})", {}},
      {"SET n = (n + :one)", R"({"n": 6})", {}},
      {"SET m.a = m.a + n", R"({"m": {"a": 6, "b": {"c": [1, 2]}}})", {}},
      {"SET m.b.c[0] = :s", R"({"m": {"a": 1, "b": {"c": ["text", 2]}}})", {}},
      {"SET m.fresh = :m", R"({"m": {"a": 1, "b": {"c": [1, 2]}, "fresh": {"k": 1}}})", {}},
      {"SET l[1] = :s", R"({"l": [0, "text", 2, 3]})", {}},
      {"SET l[9] = :s", R"({"l": [0, 1, 2, 3, "text"]})", {}},
      {"SET l[20] = :s, l[10] = :t", R"({"l": [0, 1, 2, 3, true, "text"]})", {}},
      {"SET l = list_append(l, :l)", R"({"l": [0, 1, 2, 3, "x", "y"]})", {}},
      {"SET l = list_append(:l, l)", R"({"l": ["x", "y", 0, 1, 2, 3]})", {}},
      {"SET k = list_append(if_not_exists(k, :el), :l)", R"({"k": ["x", "y"]})", {}},
      {"SET n = if_not_exists(n, :one)", R"({})", {}},
      {"SET c = if_not_exists(c, :one) + :two", R"({"c": 3})", {}},
      {"SET c = if_not_exists(m.zzz, n)", R"({"c": 5})", {}},
      {"SET c = m.b.c[1]", R"({"c": 2})", {}},
      // operands are read before anything is changed
      {"SET n = s, s = n", R"({"n": "old", "s": 5})", {}},
      {"SET c = n REMOVE n", R"({"c": 5})", {"n"}},
      {"REMOVE s, n", "{}", {"s", "n"}},
      {"REMOVE nix", "{}", {}},
      {"REMOVE m.zzz, l[77]", "{}", {}},
      {"REMOVE l[0], l[2]", R"({"l": [1, 3]})", {}},
      {"REMOVE m.b.c[0]", R"({"m": {"a": 1, "b": {"c": [2]}}})", {}},
      {"SET l[5] = :s REMOVE l[0]", R"({"l": [1, 2, 3, "text"]})", {}},
      {"ADD n :two", R"({"n": 7})", {}},
      {"ADD fresh :two", R"({"fresh": 2})", {}},
      {"ADD m.a :one", R"({"m": {"a": 2, "b": {"c": [1, 2]}}})", {}},
      {"ADD ss :ss", R"({"ss": {"$ss": ["a", "b", "c"]}})", {}},
      {"ADD ns :ns", R"({"ns": {"$ns": [1, 2, 3]}})", {}},
      {"ADD fresh :bs", R"({"fresh": {"$bs": ["q"]}})", {}},
      {"DELETE ss :ss", R"({"ss": {"$ss": ["a"]}})", {}},
      {"DELETE ss :all", "{}", {"ss"}},
      {"DELETE nix :ss", "{}", {}},
      {"DELETE ns :ns ADD n :one SET s = :s REMOVE l",
       R"({"ns": {"$ns": [1]}, "n": 6, "s": "text"})",
       {"l"}},
  };
  for (const auto& each : cases) {
    auto names = placeholders();
    const auto update = parse_update(each.expression, names);
    ASSERT_TRUE(update.ok()) << each.expression << ": " << update.error().message;
    const auto after = apply_update(*update, testing::item(kItem));
    ASSERT_TRUE(after.ok()) << each.expression << ": " << after.error().message;
    Item expected = testing::item(kItem);
    for (auto& [name, value] : testing::item(each.changed)) expected.insert_or_assign(name, value);
    for (const auto& name : each.removed) expected.erase(name);
    EXPECT_EQ(*after, expected) << each.expression;
  }
}

TEST(Update, RefusesInTheServicesWords) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "The expression can not be empty;"},
      {"n = :one", R"~(Syntax error; token: "n", near: "n =")~"},
      {"SET", R"~(Syntax error; token: "<EOF>", near: "SET")~"},
      {"SET n", R"~(Syntax error; token: "<EOF>", near: "n")~"},
      {"SET n = ", R"~(Syntax error; token: "<EOF>", near: "=")~"},
      {"SET n = :one,", R"~(Syntax error; token: "<EOF>", near: ",")~"},
      {"SET n = :one s = :two", R"~(Syntax error; token: "s", near: ":one s =")~"},
      {"SET n = n + :one + :two", R"~(Syntax error; token: "+", near: ":one + :two")~"},
      {"SET n = 5", R"~(Syntax error; token: "5", near: "= 5")~"},
      {"ADD n", R"~(Syntax error; token: "<EOF>", near: "n")~"},
      {"ADD n n", R"~(Syntax error; token: "n", near: "n n")~"},
      {"REMOVE :one", R"~(Syntax error; token: ":one", near: "REMOVE :one")~"},
      {"SET n = :one SET s = :s",
       "The \"SET\" section can only be used once in an update expression;"},
      {"REMOVE n remove s",
       "The \"REMOVE\" section can only be used once in an update expression;"},
      {"SET count = :one", "Attribute name is a reserved keyword; reserved keyword: count"},
      {"SET n = :nix",
       "An expression attribute value used in expression is not defined; attribute value: :nix"},
      {"SET n = foo(s)", "Invalid function name; function: foo"},
      {"SET n = size(s)", "The function is not allowed in an update expression; function: size"},
      {"SET n = list_append(l)",
       "Incorrect number of operands for operator or function; operator or function: list_append, "
       "number of operands: 1"},
      {"SET n = list_append(l, :s)",
       "Incorrect operand type for operator or function; operator or function: list_append, "
       "operand type: S"},
      {"SET n = n + :s",
       "Incorrect operand type for operator or function; operator or function: +, operand type: S"},
      {"SET n = if_not_exists(:one, :two)",
       "Operator or function requires a document path; operator or function: if_not_exists"},
      {"ADD n :s",
       "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, "
       "typeset: ALLOWED_FOR_ADD_OPERAND"},
      {"DELETE n :one",
       "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, "
       "typeset: ALLOWED_FOR_DELETE_OPERAND"},
      {"SET n = :one, n = :two",
       "Two document paths overlap with each other; must remove or rewrite one of these paths; "
       "path one: [n], path two: [n]"},
      {"SET m.a = :one REMOVE m",
       "Two document paths overlap with each other; must remove or rewrite one of these paths; "
       "path one: [m, a], path two: [m]"},
      {"SET m.a = :one, m[0] = :one",
       "Two document paths conflict with each other; must remove or rewrite one of these paths; "
       "path one: [m, a], path two: [m, [0]]"},
  };
  for (const auto& [expression, message] : cases) {
    auto names = placeholders();
    const auto update = parse_update(expression, names);
    ASSERT_FALSE(update.ok()) << expression;
    EXPECT_EQ(update.error().code, "ValidationException");
    EXPECT_EQ(update.error().message, "Invalid UpdateExpression: " + message) << expression;
  }
}

TEST(Update, WhatTheItemDoesNotAllowIsRefused) {
  const std::string wrong_type = "An operand in the update expression has an incorrect data type";
  const std::string wrong_path =
      "The document path provided in the update expression is invalid for update";
  const std::string missing =
      "The provided expression refers to an attribute that does not exist in the item";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"SET c = nix", missing},
      {"SET c = nix + :one", missing},
      {"SET c = list_append(nix, :l)", missing},
      {"SET c = m.nix", missing},
      {"SET c = l[4]", missing},
      {"SET n = s + :one", wrong_type},
      {"SET l = list_append(n, :l)", wrong_type},
      {"ADD s :one", wrong_type},
      {"ADD ss :ns", wrong_type},
      {"ADD l :one", wrong_type},
      {"ADD n :ss", wrong_type},
      {"DELETE n :ss", wrong_type},
      {"DELETE ns :ss", wrong_type},
      {"SET nix.a = :one", wrong_path},
      {"SET s.a = :one", wrong_path},
      {"SET m[0] = :one", wrong_path},
      {"SET l.a = :one", wrong_path},
      {"REMOVE nix.a", wrong_path},
      {"REMOVE m[0]", wrong_path},
      {"SET m.nix.a = :one", wrong_path},
      {"ADD nix.a :one", wrong_path},
      {"ADD huge :max",
       "Number overflow. Attempting to store a number with magnitude larger than supported range"},
      {"SET n = huge + :one", "Attempting to store more than 38 significant digits in a Number"}};
  for (const auto& [expression, message] : cases) {
    auto names = placeholders();
    const auto update = parse_update(expression, names);
    ASSERT_TRUE(update.ok()) << expression << ": " << update.error().message;
    const auto after = apply_update(*update, testing::item(kItem));
    ASSERT_FALSE(after.ok()) << expression;
    EXPECT_EQ(after.error().code, "ValidationException");
    EXPECT_EQ(after.error().message, message) << expression;
  }
}

TEST(Projection, GivesWhatThePathsLeadTo) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"n", R"({"n": 5})"},
      {"n, s", R"({"n": 5, "s": "old"})"},
      {"nix", "{}"},
      {"m.a", R"({"m": {"a": 1}})"},
      {"m.b.c[1], m.a", R"({"m": {"a": 1, "b": {"c": [2]}}})"},
      {"m.nix", "{}"},
      {"l[3], l[1]", R"({"l": [1, 3]})"},
      {"l[9]", "{}"},
      {"n.a, s[0]", "{}"},
      {"#n, ss", R"({"n": 5, "ss": {"$ss": ["a", "b"]}})"}};
  for (const auto& [expression, expected] : cases) {
    auto names = placeholders();
    const auto paths = parse_projection(expression, names);
    ASSERT_TRUE(paths.ok()) << expression << ": " << paths.error().message;
    EXPECT_EQ(project(testing::item(kItem), *paths), testing::item(expected)) << expression;
  }
}

TEST(Projection, RefusesInTheServicesWords) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"n,", R"~(Syntax error; token: "<EOF>", near: ",")~"},
      {"n s", R"~(Syntax error; token: "s", near: "n s")~"},
      {":one", R"~(Syntax error; token: ":one", near: ":one")~"},
      {"name", "Attribute name is a reserved keyword; reserved keyword: name"},
      {"m, m.a",
       "Two document paths overlap with each other; must remove or rewrite one of these paths; "
       "path one: [m], path two: [m, a]"}};
  for (const auto& [expression, message] : cases) {
    auto names = placeholders();
    const auto paths = parse_projection(expression, names);
    ASSERT_FALSE(paths.ok()) << expression;
    EXPECT_EQ(paths.error().message, "Invalid ProjectionExpression: " + message) << expression;
  }
}

}  // namespace
}  // namespace tarn::dynamodb
