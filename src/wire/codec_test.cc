// What every body codec owes: what is written is read back, what is wrong is named by its place.
#include <gtest/gtest.h>

#include "wire/cbor_codec.h"
#include "wire/encoding.h"
#include "wire/json_codec.h"
#include "wire/query_codec.h"
#include "wire/testing_shapes.h"
#include "wire/validate.h"
#include "wire/xml_codec.h"

namespace tarn::wire {
namespace {

using testing::kTree;
using testing::Tree;

void expect_full(const Tree& tree) {
  const Tree full = testing::full_tree();
  EXPECT_EQ(tree.title, full.title);
  EXPECT_EQ(tree.count, full.count);
  EXPECT_EQ(tree.large, full.large);
  EXPECT_EQ(tree.ratio, full.ratio);
  EXPECT_EQ(tree.flag, full.flag);
  EXPECT_EQ(tree.at, full.at);
  EXPECT_EQ(tree.tags, full.tags);
  ASSERT_TRUE(tree.leaves.has_value());
  ASSERT_EQ(tree.leaves->size(), 2U);
  EXPECT_EQ((*tree.leaves)[0].data, (*full.leaves)[0].data);
  EXPECT_FALSE((*tree.leaves)[1].data.has_value());
  ASSERT_NE(tree.inner, nullptr);
  EXPECT_EQ(tree.inner->title, "elm");
}

Result<Tree> from_json_text(std::string_view text) {
  Tree tree;
  TARN_CHECK(from_json(kTree, text, &tree));
  return tree;
}

TEST(JsonCodec, ReadsBackWhatItWrote) {
  const Tree full = testing::full_tree();
  const auto tree = from_json_text(to_json(kTree, &full));
  ASSERT_TRUE(tree.ok()) << tree.error().message;
  expect_full(*tree);
}

TEST(JsonCodec, WritesTimesAsSecondsAndBlobsAsBase64) {
  const Tree full = testing::full_tree();
  const std::string text = to_json(kTree, &full);
  EXPECT_NE(text.find("\"At\":1763841600.123"), std::string::npos) << text;
  EXPECT_NE(text.find("\"Data\":\"AP8K\""), std::string::npos) << text;
}

TEST(JsonCodec, PassesOverUnknownMembersAndNulls) {
  const auto tree = from_json_text(R"({"Title":"x","New":{"a":[1]},"Count":null})");
  ASSERT_TRUE(tree.ok());
  EXPECT_FALSE(tree->count.has_value());
}

TEST(JsonCodec, NamesTheMissingMemberByItsPath) {
  const auto tree = from_json_text(R"({"Title":"x","Leaves":[{"Name":"a"},{"Data":"AA=="}]})");
  ASSERT_FALSE(tree.ok());
  EXPECT_EQ(tree.error().code, "ValidationException");
  EXPECT_NE(tree.error().message.find("'leaves.2.member.name'"), std::string::npos)
      << tree.error().message;
}

TEST(JsonCodec, RefusesWhatIsNotJsonOrOfAnotherType) {
  for (const std::string_view text :
       {"{", "[]", "{\"Title\":1}", "{\"Title\":\"x\",\"Count\":\"7\"}",
        "{\"Title\":\"x\",\"Count\":3000000000}", "{\"Title\":\"x\",\"Leaves\":{}}",
        "{\"Title\":\"x\",\"Leaves\":[{\"Name\":\"a\",\"Data\":\"*\"}]}", "{\"Title\":\"\xff\"}",
        "{\"Title\":\"x\"} trailing"}) {
    const auto tree = from_json_text(text);
    ASSERT_FALSE(tree.ok()) << text;
    EXPECT_EQ(tree.error().code, "SerializationException") << text;
  }
}

// More elements than are made at once.
TEST(JsonCodec, ReadsLongListsInOrderAndNamesTheOneThatIsWrong) {
  std::string text = R"({"Title":"x","Leaves":[)";
  for (int i = 0; i < 1'300; ++i) text += "{\"Name\":\"" + std::to_string(i) + "\"},";
  const auto tree = from_json_text(text + R"({"Name":"1300"}]})");
  ASSERT_TRUE(tree.ok()) << tree.error().message;
  ASSERT_EQ(tree->leaves->size(), 1'301U);
  for (int i = 0; i <= 1'300; ++i) {
    EXPECT_EQ((*tree->leaves)[static_cast<std::size_t>(i)].name, std::to_string(i));
  }
  const auto wrong = from_json_text(text + R"({"Data":"AA=="}]})");
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().message.find("'leaves.1301.member.name'"), std::string::npos)
      << wrong.error().message;
}

TEST(JsonCodec, SurvivesDeepNesting) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "{\"Inner\":";
  const auto tree = from_json_text(text);
  ASSERT_FALSE(tree.ok());
  EXPECT_EQ(tree.error().code, "SerializationException");
}

TEST(CborCodec, ReadsBackWhatItWrote) {
  const Tree full = testing::full_tree();
  std::string bytes;
  append_cbor(kTree, &full, bytes);
  Tree tree;
  const auto status = from_cbor(kTree, bytes, &tree);
  ASSERT_TRUE(status.ok()) << status.error().message;
  expect_full(tree);
}

TEST(CborCodec, EveryCutOffPrefixIsRefused) {
  const Tree full = testing::full_tree();
  std::string bytes;
  append_cbor(kTree, &full, bytes);
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    Tree tree;
    EXPECT_FALSE(from_cbor(kTree, std::string_view(bytes).substr(0, size), &tree).ok()) << size;
  }
}

TEST(CborCodec, ReadsIndefiniteLengths) {
  // {_ "Title": (_ "o", "ak"), "Leaves": [_ {"Name": "a"}]}
  const auto bytes = *from_hex("bf655469746c657f616f62616bff664c65617665739fa1644e616d656161ffff");
  Tree tree;
  const auto status = from_cbor(kTree, bytes, &tree);
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(tree.title, "oak");
  ASSERT_EQ(tree.leaves->size(), 1U);
}

TEST(XmlCodec, ReadsBackWhatItWrote) {
  const Tree full = testing::full_tree();
  std::string text;
  append_xml_element(kTree, &full, "Tree", "http://example.com/", text);
  Tree tree;
  const auto status = from_xml(kTree, text, &tree);
  ASSERT_TRUE(status.ok()) << status.error().message << text;
  EXPECT_EQ(tree.title, "oak");
  EXPECT_EQ(tree.at, full.at);
  EXPECT_EQ(tree.tags, full.tags);
  EXPECT_EQ(tree.leaves->size(), 2U);
  EXPECT_EQ(tree.inner->title, "elm");
}

TEST(XmlCodec, RefusesWhatIsNoXmlAndWhatIsMissing) {
  for (const std::string_view text :
       {"<Tree>", "", "<Tree><Count>seven</Count><Title>x</Title></Tree>", "<Tree/>"}) {
    Tree tree;
    const auto status = from_xml(kTree, text, &tree);
    ASSERT_FALSE(status.ok()) << text;
    EXPECT_EQ(status.error().code, "MalformedXML");
  }
}

TEST(QueryCodec, ReadsListsMapsAndStructures) {
  Tree tree;
  const FormPairs form = {{"Title", "oak"},
                          {"Leaves.member.2.Name", "b"},
                          {"Leaves.member.1.Name", "a"},
                          {"Tags.entry.1.key", "k"},
                          {"Tags.entry.1.value", "v"},
                          {"Inner.Title", "elm"},
                          {"Count", "7"}};
  const auto status = from_form(kTree, form, &tree);
  ASSERT_TRUE(status.ok()) << status.error().message;
  ASSERT_EQ(tree.leaves->size(), 2U);
  EXPECT_EQ((*tree.leaves)[1].name, "b");
  EXPECT_EQ(tree.tags->at("k"), "v");
  EXPECT_EQ(tree.inner->title, "elm");
}

TEST(QueryCodec, NamesWhatIsMissingOrWrong) {
  Tree tree;
  const auto missing = from_form(kTree, {}, &tree);
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message.find("'Title'"), std::string::npos);
  const auto wrong = from_form(kTree, {{"Title", "x"}, {"Count", "many"}}, &tree);
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().message.find("'Count'"), std::string::npos);
}

TEST(Codecs, TextIsUtf8OrRefused) {
  const std::string latin = "caf\xE9";
  Tree tree;
  const auto form = from_form(kTree, {{"Title", latin}}, &tree);
  ASSERT_FALSE(form.ok());
  EXPECT_NE(form.error().message.find("'Title'"), std::string::npos);
  EXPECT_FALSE(from_form(kTree,
                         {{"Title", "x"}, {"Tags.entry.1.key", latin}, {"Tags.entry.1.value", "v"}},
                         &tree)
                   .ok());
  EXPECT_FALSE(from_xml(kTree, "<Tree><Title>" + latin + "</Title></Tree>", &tree).ok());
  EXPECT_FALSE(from_json(kTree, "{\"Title\":\"" + latin + "\"}", &tree).ok());
  // {"Title": "caf\xE9"}
  const auto cbor = from_cbor(kTree, *from_hex("a1655469746c6564636166e9"), &tree);
  ASSERT_FALSE(cbor.ok());
  EXPECT_NE(cbor.error().message.find("UTF-8"), std::string::npos);
}

TEST(Codecs, BytesThatAreNoTextAreReplaced) {
  EXPECT_EQ(to_utf8("caf\xC3\xA9"), "caf\xC3\xA9");
  EXPECT_EQ(to_utf8("caf\xE9, \xC3\xA9\xFF"), "caf\xEF\xBF\xBD, \xC3\xA9\xEF\xBF\xBD");
}

TEST(Codecs, TextIsCutBetweenCharacters) {
  EXPECT_EQ(cut_text("ab\xC3\xA4", 4), "ab\xC3\xA4");
  EXPECT_EQ(cut_text("ab\xC3\xA4", 3), "ab");
  EXPECT_EQ(cut_text("\xA4\xA4\xA4", 2), "\xA4\xA4");
}

TEST(Validator, WordsEachConstraintAsAwsDoes) {
  Validator validator;
  validator.prepare(kTree);
  const auto message = [&](auto change) {
    Tree tree = testing::full_tree();
    change(tree);
    const auto status = validator.check(kTree, &tree);
    return status.ok() ? std::string() : status.error().message;
  };
  EXPECT_EQ(message([](Tree&) {}), "");
  EXPECT_EQ(message([](Tree& t) { t.title = ""; }),
            "1 validation error detected: Value '' at 'title' failed to satisfy constraint: Member "
            "must have length greater than or equal to 1");
  EXPECT_NE(message([](Tree& t) { t.title = "123456789"; }).find("less than or equal to 8"),
            std::string::npos);
  EXPECT_NE(message([](Tree& t) { t.title = "a b"; }).find("regular expression pattern"),
            std::string::npos);
  EXPECT_NE(message([](Tree& t) {
              t.count = 0;
            }).find("'count' failed to satisfy constraint: Member must have value greater"),
            std::string::npos);
  EXPECT_NE(message([](Tree& t) { t.leaves->resize(4, {"a", {}}); }).find("'leaves'"),
            std::string::npos);
  EXPECT_NE(message([](Tree& t) { (*t.leaves)[1].name = ""; }).find("'leaves.2.member.name'"),
            std::string::npos);
  EXPECT_NE(message([](Tree& t) { t.inner->title = ""; }).find("'inner.title'"), std::string::npos);
}

TEST(Validator, CountsCharactersNotBytes) {
  Validator validator;
  validator.prepare(kTree);
  const Schema schema = {.kind = Kind::kString, .name = "Text", .min = 1, .max = 2};
  const std::string two = "ää";
  EXPECT_TRUE(validator.check(schema, &two).ok());
  const std::string three = "äää";
  EXPECT_FALSE(validator.check(schema, &three).ok());
}

}  // namespace
}  // namespace tarn::wire
