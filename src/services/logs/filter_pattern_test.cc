#include "services/logs/filter_pattern.h"

#include <gtest/gtest.h>

namespace tarn::logs {
namespace {

bool takes(std::string_view pattern, std::string_view message) {
  const auto parsed = FilterPattern::parse(pattern);
  EXPECT_TRUE(parsed.ok()) << pattern << ": " << parsed.error().message;
  return parsed.ok() && parsed->matches(message);
}

std::string refusal(std::string_view pattern) {
  const auto parsed = FilterPattern::parse(pattern);
  return parsed.ok() ? "" : parsed.error().code;
}

// Messages of https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html.
constexpr std::string_view kBad = "[ERROR 400] BAD REQUEST";
constexpr std::string_view kMissing = "[ERROR 419] MISSING ARGUMENTS";
constexpr std::string_view kGood = "[INFO 200] GOOD REQUEST";

TEST(FilterPattern, AnEmptyOneTakesAll) {
  EXPECT_TRUE(takes("", kBad));
  EXPECT_TRUE(takes("  ", ""));
}

TEST(FilterPattern, AllTermsMustBeThere) {
  EXPECT_TRUE(takes("ERROR", kBad));
  EXPECT_FALSE(takes("error", kBad));
  EXPECT_TRUE(takes("ERROR ARGUMENTS", kMissing));
  EXPECT_FALSE(takes("ERROR ARGUMENTS", kBad));
}

TEST(FilterPattern, APhraseIsTakenAsItStands) {
  EXPECT_TRUE(takes("\"ERROR 400\"", kBad));
  EXPECT_FALSE(takes("\"400 ERROR\"", kBad));
  EXPECT_TRUE(takes("\"say \\\"hi\\\"\"", "they say \"hi\""));
}

TEST(FilterPattern, OneOfTheOptionalTermsIsEnough) {
  EXPECT_TRUE(takes("?INFO ?ARGUMENTS", kMissing));
  EXPECT_TRUE(takes("?INFO ?ARGUMENTS", kGood));
  EXPECT_FALSE(takes("?INFO ?ARGUMENTS", kBad));
  // Beside a required term they decide nothing.
  EXPECT_TRUE(takes("?INFO ERROR", kBad));
}

TEST(FilterPattern, AnExcludedTermMustNotBeThere) {
  EXPECT_FALSE(takes("-ERROR", kBad));
  EXPECT_TRUE(takes("-ERROR", kGood));
  EXPECT_TRUE(takes("ERROR -ARGUMENTS", kBad));
  EXPECT_FALSE(takes("ERROR -\"MISSING ARGUMENTS\"", kMissing));
}

TEST(FilterPattern, ExpressionsStandBetweenPercentSigns) {
  EXPECT_TRUE(takes("%ERROR 4[01]0%", kBad));
  EXPECT_FALSE(takes("%ERROR 4[01]0%", kMissing));
  EXPECT_TRUE(takes("REQUEST -%^.ERROR%", kGood));
  EXPECT_EQ(refusal("%(a)%"), "InvalidParameterException");
  EXPECT_EQ(refusal("%a[%"), "InvalidParameterException");
  EXPECT_EQ(refusal("%a"), "InvalidParameterException");
}

TEST(FilterPattern, WhatIsNoPatternIsRefused) {
  EXPECT_EQ(refusal("a.b"), "InvalidParameterException");
  EXPECT_EQ(refusal("\"a"), "InvalidParameterException");
  EXPECT_EQ(refusal("a -"), "InvalidParameterException");
  EXPECT_EQ(refusal("[ip, user]"), "NotImplemented");
}

constexpr std::string_view kRecord = R"({
  "level": "ERROR", "n": 4, "share": 0.5, "ok": false, "none": null, "ip": "123.123.1.9",
  "request": {"ids": [7, 12], "user name": "Jo", "list": [{"id": "x"}, {"id": "y"}]}})";

TEST(JsonPattern, PropertiesAreCompared) {
  for (const char* pattern : {"{ $.level = \"ERROR\" }",
                              "{ $.level = ERROR }",
                              "{ $.level = \"ERR*\" }",
                              "{$.n>3}",
                              "{ $.n >= 4 }",
                              "{ $.n <= 4.0 }",
                              "{ $.share < 1e0 }",
                              "{ $.n = 4 }",
                              "{ $.n != 5 }",
                              "{ $.ip = 123.123.* }",
                              "{ $.ip != 10.* }",
                              "{ $.ok IS FALSE }",
                              "{ $.none IS NULL }",
                              "{ $.absent NOT EXISTS }",
                              "{ $.level = %^E.*R$% }",
                              "{ $.request.ids[1] = 12 }",
                              "{ $.request.ids[*] = 7 }",
                              "{ $.request['user name'] = Jo }",
                              "{ $.request.list[*].id = \"y\" }",
                              "{ $.request = * }"})
    EXPECT_TRUE(takes(pattern, kRecord)) << pattern;
  for (const char* pattern :
       {"{ $.level = \"error\" }", "{ $.n > 4 }", "{ $.level > 3 }", "{ $.n = \"5\" }",
        "{ $.ok IS TRUE }", "{ $.n IS NULL }", "{ $.n NOT EXISTS }", "{ $.absent = * }",
        "{ $.absent != 1 }", "{ $.request.ids[2] = 12 }", "{ $.level.deeper = * }"})
    EXPECT_FALSE(takes(pattern, kRecord)) << pattern;
}

TEST(JsonPattern, ComparisonsAreJoined) {
  EXPECT_TRUE(takes("{ $.level = \"ERROR\" && $.n > 3 }", kRecord));
  EXPECT_FALSE(takes("{ $.level = \"ERROR\" && $.n > 5 }", kRecord));
  EXPECT_TRUE(takes("{ $.n > 5 || $.n > 3 && $.ok IS FALSE }", kRecord));
  EXPECT_FALSE(takes("{ ($.n > 5 || $.n > 3) && $.ok IS TRUE }", kRecord));
}

TEST(JsonPattern, WhatIsNoJsonIsNotTaken) {
  EXPECT_FALSE(takes("{ $.a NOT EXISTS }", "plain text"));
  EXPECT_FALSE(takes("{ $.a = 1 }", "{\"a\": 1"));
}

TEST(JsonPattern, WhatIsNoPatternIsRefused) {
  for (const std::string& pattern :
       {std::string("{"), std::string("{}"), std::string("{ $.a }"), std::string("{ $.a = }"),
        std::string("{ $.a = 1"), std::string("{ $.a = 1 } b"), std::string("{ $.a < \"x\" }"),
        std::string("{ $ = 1 }"), std::string("{ $.a[x] = 1 }"), std::string("{ ($.a = 1 }"),
        std::string("{ $.a = \"x }"), "{ " + std::string(100, '(')})
    EXPECT_EQ(refusal(pattern), "InvalidParameterException") << pattern;
}

}  // namespace
}  // namespace tarn::logs
