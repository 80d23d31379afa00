#include "generator/template.h"

#include <map>
#include <regex>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/functions.h"
#include "wire/json_value.h"

namespace tarn::generator {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;

// 2024-03-05T13:07:09.045Z, a Tuesday.
constexpr Timestamp kNow{1'709'644'029'045};

std::string render(std::string_view text, int utc_offset_minutes = 0, std::uint64_t seed = 7) {
  Result<Template> parsed = Template::parse(text);
  if (!parsed.ok()) return "refused: " + parsed.error().message;
  Renderer renderer(std::move(parsed).value(), seed, utc_offset_minutes);
  std::string out;
  renderer.append(kNow, out);
  return out;
}

std::vector<std::string> render_many(std::string_view text, int count) {
  Result<Template> parsed = Template::parse(text);
  EXPECT_TRUE(parsed.ok()) << parsed.error().message;
  Renderer renderer(std::move(parsed).value(), 42, 0);
  std::vector<std::string> records(static_cast<std::size_t>(count));
  for (std::string& record : records) renderer.append(kNow, record);
  return records;
}

std::string refusal(std::string_view text) {
  Result<Template> parsed = Template::parse(text);
  if (parsed.ok()) return "accepted";
  EXPECT_EQ(parsed.error().code, code::kInvalid);
  return parsed.error().message;
}

// The record template of the guidance, shortened, in its layout: a heading, blanks, arguments over
// several lines.
constexpr std::string_view kPixel = R"(## Sample Pixel Payload
{        
"event_time": "{{date.now}}",
"user_data": {        
"ipsrc": "{{random.arrayElement(
["a5b50a8b-3a77-4f83-aff4-68aa167f7c67", "b5b50a8b-3a77-4f83-aff4-68aa167f7c63"]
)}}"
},
"custom_data": {        
"cid": 123,      
"product_id": "{{random.arrayElement(["product_id1", "product_id2"])}}",        
"user_defined": {         
"purchaseAmount" : "1500"        
}
}}
)";

TEST(Template, TheGuidancesTemplateGivesJsonAsItIsPasted) {
  for (const std::string& record : render_many(kPixel, 50)) {
    const nlohmann::json json = nlohmann::json::parse(record);
    EXPECT_EQ(json["event_time"], "2024-03-05T13:07:09+00:00");
    EXPECT_EQ(json["custom_data"]["cid"], 123);
    EXPECT_THAT(json["custom_data"]["product_id"], ::testing::AnyOf("product_id1", "product_id2"));
    EXPECT_THAT(record, Not(HasSubstr("\n")));
    EXPECT_THAT(record, Not(HasSubstr("Sample")));
  }
}

TEST(Template, NewlinesAreDroppedAndSpacesStay) {
  EXPECT_EQ(render("a ,\r\n  b\n"), "a ,  b");
}

TEST(Template, NeedNotBeJson) {
  EXPECT_THAT(render("{{random.number({\"min\":5,\"max\":5})}},{{date.utc(\"x\")}},plain"),
              "5,1709644029045,plain");
}

TEST(Template, LeadingHeadingsFencesAndCommentsAreNoRecord) {
  EXPECT_EQ(render("# One\n\n### Two\n// three\n<!-- four -->\n{\"a\":1}"), "{\"a\":1}");
  EXPECT_EQ(render("```\n{\"a\":1}\n```\n"), "{\"a\":1}");
  EXPECT_EQ(render("\xef\xbb\xbf{\"a\":1}"), "{\"a\":1}");
}

TEST(Template, WhatOnlyLooksLikeAHeadingStays) {
  EXPECT_EQ(render("#1,2"), "#1,2");
  EXPECT_EQ(render("# only line"), "# only line");
  EXPECT_EQ(render("{\"a\":1}\n# not leading"), "{\"a\":1}# not leading");
  EXPECT_EQ(render("# {{random.number({max:0})}}\nx"), "# 0x");
}

TEST(Template, BracesBesideACallAreTheRecordsOwn) {
  EXPECT_EQ(render("{\"a\":{\"b\":{{random.number({\"max\":0})}}}}"), "{\"a\":{\"b\":0}}");
  EXPECT_EQ(render("{{{random.number({\"max\":0})}}}"), "{0}");
}

TEST(Template, BracesAndParenthesesInsideTextsAreNoSyntax) {
  EXPECT_EQ(render(R"({{random.arrayElement(["a}})]b"])}})"), "a}})]b");
  EXPECT_EQ(render(R"({{random.arrayElement(['it "is" so'])}})"), "it \"is\" so");
}

TEST(Template, ArgumentsMayBeLooserThanJson) {
  EXPECT_EQ(render("{{ random.number( {min: 3, 'max': 3,} ) }}"), "3");
  EXPECT_EQ(render("{{random.arrayElement([1.50])}}"), "1.5");
  EXPECT_EQ(render("{{random.arrayElement([{\"k\": [true, null, \"v\"]}])}}"),
            "{\"k\":[true,null,\"v\"]}");
  EXPECT_EQ(render("{{random.arrayElement(['\\u00e9\\ud83d\\ude00'])}}"), "é😀");
}

TEST(Template, TheSameSeedGivesTheSameRecords) {
  const std::string_view text =
      "{{random.uuid}} {{name.findName}} {{internet.ip}} {{lorem.sentence}}";
  EXPECT_EQ(render(text, 0, 1), render(text, 0, 1));
  EXPECT_NE(render(text, 0, 1), render(text, 0, 2));
}

TEST(Template, AnUnknownFunctionIsNamedWithItsPlaceAndTheNearestKnown) {
  EXPECT_EQ(refusal("{\n \"a\": \"{{date.know}}\"}"),
            "template 2:10: unknown function \"date.know\"; did you mean \"date.now\"?");
  EXPECT_THAT(refusal("{{Random.Number}}"), HasSubstr("did you mean \"random.number\""));
  EXPECT_THAT(refusal("{{person.firstName}}"), HasSubstr("did you mean \"name.firstName\""));
  EXPECT_THAT(refusal("## h\né{{foo}}"), HasSubstr("template 2:4: unknown function \"foo\""));
}

TEST(Template, BrokenSyntaxIsNamedWithItsPlace) {
  EXPECT_EQ(refusal("a{{date.now"),
            "template 1:12: expected \"}}\" to close {{date.now, opened at 1:2");
  EXPECT_EQ(refusal("{{}}"),
            "template 1:1: expected the name of a function after \"{{\", such as {{date.now}}");
  EXPECT_EQ(refusal("{{random.arrayElement([\"a\"}}"),
            "template 1:27: expected \",\" or \"]\" in a list, found \"}\"");
  EXPECT_EQ(refusal("{{random.number({\"min\" 1})}}"),
            "template 1:24: expected \":\" after the key \"min\"");
  EXPECT_EQ(refusal("{{random.arrayElement([\"a)}}"), "template 1:24: this text is never closed");
  EXPECT_EQ(refusal("{{random.number(1"), "template 1:16: this \"(\" is never closed");
  EXPECT_EQ(refusal("\n\n"), "template 1:1: the template is empty: there is nothing to render");
  EXPECT_THAT(refusal("{{random.arrayElement(" + std::string(100'000, '[')),
              HasSubstr("nested deeper than 64"));
}

TEST(Template, WrongArgumentsAreNamedWithTheirPlace) {
  EXPECT_EQ(refusal("{{random.number({\"min\": 9, \"max\": 1})}}"),
            "template 1:17: random.number: \"max\" (1) is below \"min\" (9)");
  EXPECT_EQ(refusal("{{random.number({\"min\": \"9\"})}}"),
            "template 1:25: random.number: \"min\" must be a number, not a text");
  EXPECT_EQ(refusal("{{random.arrayElement([])}}"),
            "template 1:23: random.arrayElement: an empty list has nothing to choose from");
  EXPECT_THAT(refusal("{{random.arrayElement}}"),
              HasSubstr("needs a list, such as [\"a\", \"b\"]"));
  EXPECT_EQ(refusal("{{random.weightedArrayElement({\"weights\":[1],\"data\":[1,2]})}}"),
            "template 1:42: random.weightedArrayElement: 1 weights stand against 2 data");
  EXPECT_THAT(refusal("{{random.weightedArrayElement({\"weights\":[0,-1],\"data\":[1,2]})}}"),
              HasSubstr("template 1:45: "));
  EXPECT_THAT(refusal("{{random.weightedArrayElement({\"weights\":[0,0],\"data\":[1,2]})}}"),
              HasSubstr("sum to 0"));
  EXPECT_THAT(refusal("{{random.uuid(4)}}"), HasSubstr("random.uuid: takes no arguments"));
  EXPECT_THAT(refusal("{{name.firstName(1)}}"), HasSubstr("name.firstName: takes no arguments"));
  EXPECT_THAT(refusal("{{random.alphaNumeric(2.5)}}"),
              HasSubstr("must be a whole number from 0 to"));
  EXPECT_THAT(refusal("{{date.between(\"2024-01-01\", \"soon\")}}"),
              HasSubstr("\"soon\" is no date"));
  EXPECT_THAT(refusal("{{date.between(\"2024-02-30\", \"2024-03-01\")}}"), HasSubstr("is no date"));
  EXPECT_THAT(refusal("{{date.past(-1)}}"), HasSubstr("must be above 0"));
}

TEST(Functions, EveryOneRendersWithoutArgumentsOrSaysWhatItNeeds) {
  const std::set<std::string_view> need = {"random.arrayElement", "random.weightedArrayElement",
                                           "random.objectElement", "helpers.randomize",
                                           "date.between"};
  const std::set<std::string_view> may_be_empty = {"helpers.replaceSymbols",
                                                   "helpers.replaceSymbolWithNumber"};
  EXPECT_THAT(function_names(), SizeIs(Ge(std::size_t{140})));
  for (const std::string_view name : function_names()) {
    const std::string text = "{{" + std::string(name) + "}}";
    if (need.contains(name)) {
      EXPECT_THAT(refusal(text), HasSubstr("needs")) << name;
    } else if (!may_be_empty.contains(name)) {
      const std::string record = render(text);
      EXPECT_FALSE(record.empty()) << name;
      EXPECT_THAT(record, Not(HasSubstr("refused"))) << name;
      EXPECT_THAT(record, Not(HasSubstr("{{"))) << name;
    }
  }
}

TEST(Functions, ListsForPatternsAreNotOffered) {
  EXPECT_THAT(refusal("{{mailHost}}"), HasSubstr("unknown function"));
}

TEST(Functions, NumberStaysInItsRangeAndReachesBothEnds) {
  const std::vector<std::string> drawn =
      render_many("{{random.number({\"min\":-2,\"max\":2})}}", 500);
  EXPECT_EQ(std::set<std::string>(drawn.begin(), drawn.end()),
            (std::set<std::string>{"-2", "-1", "0", "1", "2"}));
  const std::vector<std::string> single = render_many("{{random.number(3)}}", 500);
  EXPECT_EQ(std::set<std::string>(single.begin(), single.end()),
            (std::set<std::string>{"0", "1", "2", "3"}));
}

TEST(Functions, NumberKeepsItsPrecisionAndPrintsAsJavaScriptDoes) {
  const std::vector<std::string> drawn =
      render_many("{{random.number({\"min\":-0.3,\"max\":0.3,\"precision\":0.1})}}", 500);
  EXPECT_EQ(std::set<std::string>(drawn.begin(), drawn.end()),
            (std::set<std::string>{"-0.3", "-0.2", "-0.1", "0", "0.1", "0.2", "0.3"}));
  const std::vector<std::string> fives =
      render_many("{{random.number({\"max\":20,\"precision\":5})}}", 200);
  EXPECT_EQ(std::set<std::string>(fives.begin(), fives.end()),
            (std::set<std::string>{"0", "5", "10", "15", "20"}));
  EXPECT_THAT(refusal("{{random.number({\"min\":1,\"max\":2,\"precision\":5})}}"),
              HasSubstr("no multiple of 5"));
}

TEST(Functions, WeightsShapeTheDraw) {
  std::map<std::string, int> counts;
  for (const std::string& drawn : render_many("{{random.weightedArrayElement({\"weights\":[0.7,0.3,"
                                              "0],\"data\":[\"a\",\"b\",\"c\"]})}}",
                                              10'000)) {
    ++counts[drawn];
  }
  EXPECT_THAT(counts["a"], AllOf(Ge(6'800), Le(7'200)));
  EXPECT_THAT(counts["b"], AllOf(Ge(2'800), Le(3'200)));
  EXPECT_EQ(counts["c"], 0);
}

TEST(Functions, DatesAreThoseOfMoment) {
  EXPECT_EQ(render("{{date.now}}", 60), "2024-03-05T14:07:09+01:00");
  EXPECT_EQ(render("{{date.utc}}", 60), "2024-03-05T13:07:09Z");
  EXPECT_EQ(render("{{date.now(\"YYYY-MM-DD HH:mm:ss.SSS\")}}"), "2024-03-05 13:07:09.045");
  EXPECT_EQ(render("{{date.now(DD/MM/YYYY)}}"), "05/03/2024");
  EXPECT_EQ(render("{{date.now(YYYY-MM-DD)}}"), "2024-03-05");
  EXPECT_EQ(render("{{date.now('X')}}"), "1709644029");
}

TEST(Functions, ACachedDateMovesWithTheClock) {
  Result<Template> parsed = Template::parse("{{date.now}} {{date.now(\"x\")}}");
  ASSERT_TRUE(parsed.ok());
  Renderer renderer(std::move(parsed).value(), 1, 0);
  std::string out;
  for (const std::int64_t step_ms : {0, 1, 954, 955, 954}) {
    renderer.append(kNow + std::chrono::milliseconds(step_ms), out);
    out += "\n";
  }
  EXPECT_EQ(out,
            "2024-03-05T13:07:09+00:00 1709644029045\n2024-03-05T13:07:09+00:00 1709644029046\n"
            "2024-03-05T13:07:09+00:00 1709644029999\n2024-03-05T13:07:10+00:00 1709644030000\n"
            "2024-03-05T13:07:09+00:00 1709644029999\n");
}

TEST(Functions, DrawnDatesLieWhereTheySay) {
  for (const std::string& drawn : render_many("{{date.past(1, \"x\")}}", 200)) {
    EXPECT_LT(std::stoll(drawn), kNow.ms);
    EXPECT_GE(std::stoll(drawn), kNow.ms - 365LL * 86'400'000);
  }
  for (const std::string& drawn :
       render_many("{{date.between(\"2024-01-01\",\"2024-01-03T00:00Z\",\"YYYY-MM-DD\")}}", 200)) {
    EXPECT_THAT(drawn, MatchesRegex("2024-01-0[123]"));
  }
  EXPECT_THAT(
      render("{{date.recent}}"),
      MatchesRegex("(Mon|Tue) Mar 0[45] 2024 ..:..:.. GMT.0000 .Coordinated Universal Time."));
}

TEST(Functions, IdsAndAddressesHaveTheirForm) {
  const std::regex form(
      "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12} "
      "((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\\.|(?= ))){4} "
      "([0-9a-f]{4}:){7}[0-9a-f]{4} ([0-9a-f]{2}:){5}[0-9a-f]{2}");
  for (const std::string& drawn :
       render_many("{{random.uuid}} {{internet.ip}} {{internet.ipv6}} {{internet.mac}}", 200)) {
    EXPECT_TRUE(std::regex_match(drawn, form)) << drawn;
  }
  EXPECT_THAT(render("{{random.alphaNumeric(12)}}"), MatchesRegex("[0-9a-z]{12}"));
  EXPECT_THAT(render("{{phone.phoneNumber(\"+1 !## ####\")}}"),
              MatchesRegex("\\+1 [2-9][0-9]{2} [0-9]{4}"));
  EXPECT_THAT(render("{{internet.email}}"), MatchesRegex("[A-Za-z0-9._]+@[a-z]+\\.com"));
  EXPECT_THAT(render("{{address.zipCode}}"), MatchesRegex("[0-9]{5}"));
}

TEST(Functions, MoneyHasItsDecimals) {
  for (const std::string& drawn : render_many("{{commerce.price(1, 2, 2, \"$\")}}", 200)) {
    EXPECT_THAT(drawn, MatchesRegex("\\$(1\\.[0-9]{2}|2\\.00)"));
  }
  EXPECT_THAT(render("{{finance.amount(5,5,0)}}"), "5");
  for (const std::string& drawn : render_many("{{address.latitude}}", 200)) {
    EXPECT_THAT(std::abs(std::stod(drawn)), Le(90.0));
    EXPECT_THAT(drawn, MatchesRegex("-?[0-9]+\\.[0-9]{4}"));
  }
}

TEST(Functions, CheckDigitsHold) {
  for (const std::string& drawn : render_many("{{finance.creditCardNumber}}", 100)) {
    ASSERT_EQ(drawn.size(), 16U);
    int sum = 0;
    for (std::size_t i = 0; i < 16; ++i) {
      const int digit = (drawn[i] - '0') * (i % 2 == 0 ? 2 : 1);
      sum += digit > 9 ? digit - 9 : digit;
    }
    EXPECT_EQ(sum % 10, 0) << drawn;
  }
  for (const std::string& drawn : render_many("{{finance.iban}}", 100)) {
    // Check: country and check digits behind the account, letters as numbers, modulo 97 is 1.
    int rest = 0;
    for (const char c : drawn.substr(4) + "1314" + drawn.substr(2, 2))
      rest = (rest * 10 + (c - '0')) % 97;
    EXPECT_EQ(rest, 1) << drawn;
  }
}

}  // namespace
}  // namespace tarn::generator
