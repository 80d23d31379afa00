// Conditions: what holds, and what is refused in which words.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/dynamodb/expression/evaluate.h"
#include "services/dynamodb/expression/parser.h"
#include "services/dynamodb/testing/plain.h"

namespace tarn::dynamodb {
namespace {

constexpr std::string_view kValues = R"({
  ":one": 1, ":two": 2, ":ten": 10, ":abc": "abc", ":ab": "ab", ":b": "b", ":x": "x", ":t": true, ":f": false,
  ":null": null, ":bin": {"$b": "by"}, ":ss": {"$ss": ["x", "y"]}, ":ns": {"$ns": [1, 2]}, ":l": [1, "a"],
  ":m": {"k": 1}, ":S": "S", ":N": "N", ":SS": "SS", ":M": "M", ":BOOL": "BOOL", ":NULL": "NULL", ":Q": "Q", ":empty": ""})";

constexpr std::string_view kItem = R"({
  "num": 2, "same": 2, "neg": -3.5, "txt": "abc", "bin": {"$b": "bytes"}, "flag": true, "nothing": null,
  "tags": {"$ss": ["x", "y"]}, "nums": {"$ns": [1, 2]}, "bins": {"$bs": ["by"]}, "lst": [1, "a", {"deep": "b"}],
  "doc": {"k": 1, "dotted.name": 5, "inr": {"lst": [[10, 2]]}}, "status": "abc", "big": 12345678901234567890, "_u": 1})";

Placeholders placeholders() {
  const Placeholders::Names names = {{"#n", "num"},
                                     {"#s", "status"},
                                     {"#d", "doc"},
                                     {"#dot", "dotted.name"},
                                     {"#absent", "absent"}};
  Placeholders::Values values;
  for (auto& [name, value] : testing::item(kValues)) values.emplace(name, value);
  return Placeholders::make(&names, &values).value();
}

TEST(Condition, HoldsOrNot) {
  struct Case {
    std::string expression;
    bool holds;
  };
  const std::vector<Case> cases = {// comparisons
                                   {"num = :two", true},
                                   {"num = :one", false},
                                   {"num <> :one", true},
                                   {"num <> :two", false},
                                   {"num < :ten", true},
                                   {"num < :two", false},
                                   {"num <= :two", true},
                                   {"num > :one", true},
                                   {"num > :two", false},
                                   {"num >= :two", true},
                                   {"neg < :one", true},
                                   {":one < num", true},
                                   {"num = same", true},
                                   {"num > neg", true},
                                   {"big > :ten", true},
                                   {"_u = :one", true},
                                   {"txt = :abc", true},
                                   {"txt > :ab", true},
                                   {"txt < :b", true},
                                   {"flag = :t", true},
                                   {"flag = :f", false},
                                   {"nothing = :null", true},
                                   {"tags = :ss", true},
                                   {"nums = :ns", true},
                                   {"doc.inr = :m", false},
                                   // different types never order, never equal
                                   {"num = :abc", false},
                                   {"num <> :abc", true},
                                   {"num < :abc", false},
                                   {"num >= :abc", false},
                                   {"txt > :one", false},
                                   {"flag < :one", false},
                                   {"bin = :abc", false},
                                   // missing attributes equal nothing
                                   {"absent = :one", false},
                                   {"absent <> :one", true},
                                   {"absent < :one", false},
                                   {"absent = nix", false},
                                   {"absent <> nix", true},
                                   {"NOT absent = :one", true},
                                   // paths
                                   {"lst[0] = :one", true},
                                   {"lst[1] = :one", false},
                                   {"lst[2].deep = :b", true},
                                   {"lst[9] = :one", false},
                                   {"doc.k = :one", true},
                                   {"doc.k.k = :one", false},
                                   {"doc.inr.lst[0][1] = :two", true},
                                   {"txt[0] = :one", false},
                                   {"#n = :two", true},
                                   {"#d.k = :one", true},
                                   {"#d.#dot > :two", true},
                                   {"#s = :abc", true},
                                   // between, in
                                   {"num BETWEEN :one AND :ten", true},
                                   {"num BETWEEN :one AND :two", true},
                                   {"num BETWEEN :two AND :two", true},
                                   {"neg BETWEEN :one AND :two", false},
                                   {"absent BETWEEN :one AND :two", false},
                                   {"txt between :ab and :b", true},
                                   {":one BETWEEN neg AND num", true},
                                   {"num IN (:one, :two)", true},
                                   {"num IN (:one)", false},
                                   {"num in (:abc, same)", true},
                                   {"absent IN (:one)", false},
                                   {"tags IN (:ss)", true},
                                   // functions
                                   {"attribute_exists(num)", true},
                                   {"attribute_exists(absent)", false},
                                   {"attribute_exists(doc.inr.lst[0][0])", true},
                                   {"attribute_exists(lst[3])", false},
                                   {"attribute_exists(nothing)", true},
                                   {"attribute_exists(#absent)", false},
                                   {"attribute_not_exists(absent)", true},
                                   {"attribute_not_exists(doc.absent)", true},
                                   {"attribute_not_exists(num)", false},
                                   {"attribute_type(num, :N)", true},
                                   {"attribute_type(num, :S)", false},
                                   {"attribute_type(tags, :SS)", true},
                                   {"attribute_type(doc, :M)", true},
                                   {"attribute_type(flag, :BOOL)", true},
                                   {"attribute_type(nothing, :NULL)", true},
                                   {"attribute_type(absent, :S)", false},
                                   {"begins_with(txt, :ab)", true},
                                   {"begins_with(txt, :b)", false},
                                   {"begins_with(txt, :empty)", true},
                                   {"begins_with(bin, :bin)", true},
                                   {"begins_with(num, :ab)", false},
                                   {"begins_with(txt, #s)", true},
                                   {"begins_with(absent, :ab)", false},
                                   {"contains(txt, :b)", true},
                                   {"contains(txt, :x)", false},
                                   {"contains(tags, :x)", true},
                                   {"contains(tags, :abc)", false},
                                   {"contains(nums, :one)", true},
                                   {"contains(nums, :ten)", false},
                                   {"contains(bins, :bin)", true},
                                   {"contains(lst, :one)", true},
                                   {"contains(lst, :two)", false},
                                   {"contains(num, :two)", false},
                                   {"contains(absent, :x)", false},
                                   {"contains(tags, lst[1])", false},
                                   {"contains(bin, :bin)", true},
                                   {"size(txt) = :two", false},
                                   {"size(txt) > :two", true},
                                   {"size(tags) = :two", true},
                                   {"size(lst) > :two", true},
                                   {"size(doc) > :two", true},
                                   {"size(num) > :one", false},
                                   {"size(absent) >= :one", false},
                                   {"size(bin) BETWEEN :one AND :ten", true},
                                   {"size(tags) IN (:two)", true},
                                   {":two = size(tags)", true},
                                   // logic and its order: NOT, AND, OR
                                   {"num = :two AND txt = :abc", true},
                                   {"num = :one AND txt = :abc", false},
                                   {"num = :one OR txt = :abc", true},
                                   {"num = :one OR txt = :abc AND flag = :f", false},
                                   {"(num = :one OR txt = :abc) AND flag = :t", true},
                                   {"NOT num = :one AND NOT txt = :x", true},
                                   {"NOT (num = :two AND txt = :abc)", false},
                                   {"NOT NOT num = :two", true},
                                   {"num = :two or absent = :one and absent = :two", true},
                                   {"not attribute_exists(absent)", true},
                                   {"(num = :two) AND ((txt = :abc) OR (txt = :x))", true},
                                   {"num=:two AND(txt=:abc)", true},
                                   {"num BETWEEN :one AND :ten AND txt = :abc", true},
                                   {"\tnum\n=\r :two ", true}};
  const Item item = testing::item(kItem);
  for (const auto& each : cases) {
    auto names = placeholders();
    const auto parsed = parse_condition("ConditionExpression", each.expression, names);
    ASSERT_TRUE(parsed.ok()) << each.expression << ": " << parsed.error().message;
    EXPECT_EQ(holds(*parsed, item), each.holds) << each.expression;
  }
}

TEST(Condition, RefusesInTheServicesWords) {
  struct Case {
    std::string expression;
    std::string message;
  };
  const std::string twenty(20, '(');
  const std::vector<Case> cases = {
      {"", "The expression can not be empty;"},
      {"  ", "The expression can not be empty;"},
      {"num", R"~(Syntax error; token: "<EOF>", near: "num")~"},
      {"num =", R"~(Syntax error; token: "<EOF>", near: "=")~"},
      {"num = = :two", R"~(Syntax error; token: "=", near: "= = :two")~"},
      {"num == :two", R"~(Syntax error; token: "=", near: "== :two")~"},
      {"num = 2", R"~(Syntax error; token: "2", near: "= 2")~"},
      {"num = :two AND", R"~(Syntax error; token: "<EOF>", near: "AND")~"},
      {"num = :two txt", R"~(Syntax error; token: "txt", near: ":two txt")~"},
      {"(num = :two", R"~(Syntax error; token: "<EOF>", near: ":two")~"},
      {"num = :two)", R"~(Syntax error; token: ")", near: ":two)")~"},
      {"num != :two", R"~(Syntax error; token: "!", near: "num !")~"},
      {"num = 'x'", R"~(Syntax error; token: "'", near: "= '")~"},
      {"num = #", R"~(Syntax error; token: "#", near: "= #")~"},
      {"num = \xc3\xa4", "Syntax error; token: \"\xc3\xa4\", near: \"= \xc3\xa4\""},
      {"lst[] = :one", R"~(Syntax error; token: "]", near: "[] =")~"},
      {"lst[:one] = :one", R"~(Syntax error; token: ":one", near: "[:one]")~"},
      {"doc. = :one", R"~(Syntax error; token: "=", near: ". = :one")~"},
      {"lst[99999999999] = :one",
       "List index is not within the allowable range; index: [99999999999]"},
      {"status = :abc", "Attribute name is a reserved keyword; reserved keyword: status"},
      {"doc.Name = :abc", "Attribute name is a reserved keyword; reserved keyword: Name"},
      {"#nix = :one",
       "An expression attribute name used in the document path is not defined; attribute name: "
       "#nix"},
      {"num = :nix",
       "An expression attribute value used in expression is not defined; attribute value: :nix"},
      {"foo(num)", "Invalid function name; function: foo"},
      {"ATTRIBUTE_EXISTS(num)", "Invalid function name; function: ATTRIBUTE_EXISTS"},
      {"if_not_exists(num, :one)",
       "The function is not allowed in a condition expression; function: if_not_exists"},
      {"attribute_exists(num, txt)",
       "Incorrect number of operands for operator or function; operator or function: "
       "attribute_exists, number of operands: 2"},
      {"begins_with(txt)",
       "Incorrect number of operands for operator or function; operator or function: begins_with, "
       "number of operands: 1"},
      {"attribute_exists()", R"~(Syntax error; token: ")", near: "()")~"},
      {"attribute_exists(:one)",
       "Operator or function requires a document path; operator or function: attribute_exists"},
      {"attribute_type(:one, :N)",
       "Operator or function requires a document path; operator or function: attribute_type"},
      {"size(:one) = :one",
       "Operator or function requires a document path; operator or function: size"},
      {"attribute_type(num, :Q)",
       "Invalid attribute type name found; type: Q, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
      {"attribute_type(num, :one)",
       "Incorrect operand type for operator or function; operator or function: attribute_type, "
       "operand type: N"},
      {"begins_with(txt, :one)",
       "Incorrect operand type for operator or function; operator or function: begins_with, "
       "operand type: N"},
      {"num < :m",
       "Incorrect operand type for operator or function; operator or function: <, operand type: M"},
      {"num BETWEEN :t AND :f",
       "Incorrect operand type for operator or function; operator or function: BETWEEN, operand "
       "type: BOOL"},
      {"num BETWEEN :ten AND :one",
       "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
       "lower bound operand: "
       "AttributeValue: {N:10}, upper bound operand: AttributeValue: {N:1}"},
      {"num BETWEEN :one AND :abc",
       "The BETWEEN operator requires same data type for lower and upper bounds; lower bound "
       "operand: AttributeValue: "
       "{N:1}, upper bound operand: AttributeValue: {S:abc}"},
      {"num = num",
       "The first operand must be distinct from the remaining operands for this operator or "
       "function; operator: =, first operand: [num]"},
      {"doc.k < doc.k",
       "The first operand must be distinct from the remaining operands for this operator or "
       "function; operator: <, first operand: [doc, k]"},
      {"contains(lst[0], lst[0])",
       "The first operand must be distinct from the remaining operands for this operator or "
       "function; operator: contains, first operand: [lst, [0]]"},
      {"size(txt)",
       "The function is not allowed to be used this way in an expression; function: size"},
      {"num = attribute_exists(txt)",
       "The function is not allowed to be used this way in an expression; function: "
       "attribute_exists"},
      {"((num = :two))", "The expression has redundant parentheses;"},
      {"((num)) = :two", "The expression has redundant parentheses;"},
      {"(num = :two) = :two", R"~(Syntax error; token: "=", near: "num = :two")~"},
      {"num BETWEEN :one", R"~(Syntax error; token: "<EOF>", near: ":one")~"},
      {"num IN :one", R"~(Syntax error; token: ":one", near: "IN :one")~"},
      {"num IN ()", R"~(Syntax error; token: ")", near: "()")~"},
      {std::string(4097, 'a'),
       "Expression size has exceeded the maximum allowed size; expression size: 4097"}};
  for (const auto& each : cases) {
    auto names = placeholders();
    const auto parsed = parse_condition("ConditionExpression", each.expression, names);
    ASSERT_FALSE(parsed.ok()) << each.expression;
    EXPECT_EQ(parsed.error().code, "ValidationException");
    EXPECT_EQ(parsed.error().message, "Invalid ConditionExpression: " + each.message)
        << each.expression;
  }
}

TEST(Condition, ManyOperatorsAndDeepNestingAreRefusedNotCrashed) {
  const auto refuses = [](const std::string& expression) {
    auto names = placeholders();
    return !parse_condition("FilterExpression", expression, names).ok();
  };
  std::string many = "num=:two";
  for (int i = 0; i < 160; ++i) many += " OR num=:two";
  EXPECT_TRUE(refuses(many));
  std::string nots;
  for (int i = 0; i < 1000; ++i) nots += "NOT ";
  EXPECT_TRUE(refuses(nots + "num=:two"));
  EXPECT_TRUE(refuses(std::string(4000, '(')));
  std::string sizes;
  for (int i = 0; i < 500; ++i) sizes += "size(";
  EXPECT_TRUE(refuses(sizes));
}

TEST(Condition, PlaceholdersMustBeWellFormedAndUsed) {
  const auto make = [](Placeholders::Names names, Placeholders::Values values) {
    return Placeholders::make(&names, &values);
  };
  const Value one = testing::value("1");
  EXPECT_EQ(make({}, {{":v", one}}).error().message, "ExpressionAttributeNames must not be empty");
  EXPECT_EQ(make({{"#n", "a"}}, {}).error().message, "ExpressionAttributeValues must not be empty");
  EXPECT_EQ(make({{"n", "a"}}, {{":v", one}}).error().message,
            R"(ExpressionAttributeNames contains invalid key: Syntax error; key: "n")");
  EXPECT_EQ(make({{"#n", "a"}}, {{":", one}}).error().message,
            R"(ExpressionAttributeValues contains invalid key: Syntax error; key: ":")");
  auto some = make({{"#n", "a"}, {"#o", "b"}}, {{":v", one}, {":w", one}, {":x", one}}).value();
  ASSERT_TRUE(parse_condition("FilterExpression", "#n = :w", some).ok());
  EXPECT_EQ(some.check_all_used().error().message,
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#o}");
  ASSERT_TRUE(parse_condition("FilterExpression", "#o = :w", some).ok());
  EXPECT_EQ(some.check_all_used().error().message,
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v, :x}");
}

}  // namespace
}  // namespace tarn::dynamodb
