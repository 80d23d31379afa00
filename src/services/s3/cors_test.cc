// Which pages a CORS configuration lets in.
#include "services/s3/cors.h"

#include <gtest/gtest.h>

#include "services/s3/tags.h"

namespace tarn::s3 {
namespace {

CORSRule rule(std::vector<std::string> origins, std::vector<std::string> methods,
              std::vector<std::string> headers) {
  CORSRule out;
  out.allowed_origins = std::move(origins);
  out.allowed_methods = std::move(methods);
  out.allowed_headers = std::move(headers);
  return out;
}

TEST(Cors, TheFirstRuleThatFitsCounts) {
  const std::vector<CORSRule> rules = {rule({"https://a.example"}, {"PUT"}, {"x-amz-*"}),
                                       rule({"https://*.example", "http://b"}, {"GET"}, {"*"})};
  EXPECT_EQ(find_rule(rules, "https://a.example", "PUT", {"x-amz-date"}), rules.data());
  EXPECT_EQ(find_rule(rules, "https://a.example", "GET", {"anything"}), &rules[1]);
  EXPECT_EQ(find_rule(rules, "http://b", "GET", {}), &rules[1]);
  EXPECT_EQ(find_rule(rules, "https://a.example", "PUT", {"authorization"}), nullptr);
  EXPECT_EQ(find_rule(rules, "http://a.example", "GET", {}), nullptr);
  EXPECT_EQ(find_rule(rules, "https://a.example", "DELETE", {}), nullptr);
  // A wildcard stands for some text, not for less than what is around it.
  EXPECT_EQ(find_rule(rules, "https://.exampl", "GET", {}), nullptr);
}

TEST(Cors, WhatS3DoesNotTakeIsRefused) {
  const auto code = [](const std::vector<CORSRule>& rules) {
    CORSConfiguration configuration;
    configuration.cors_rules = rules;
    const Status checked = check(configuration);
    return checked.ok() ? std::string() : checked.error().code;
  };
  EXPECT_EQ(code({rule({"*"}, {"GET", "PUT", "HEAD", "POST", "DELETE"}, {"*"})}), "");
  EXPECT_EQ(code({rule({"*"}, {"PATCH"}, {"*"})}), "InvalidRequest");
  EXPECT_EQ(code({rule({"http://*.*"}, {"GET"}, {"*"})}), "InvalidRequest");
  EXPECT_EQ(code({rule({"*"}, {"GET"}, {"*-*"})}), "InvalidRequest");
  EXPECT_EQ(code({}), "MalformedXML");
  EXPECT_EQ(code(std::vector<CORSRule>(100, rule({"*"}, {"GET"}, {}))), "");
  EXPECT_EQ(code(std::vector<CORSRule>(101, rule({"*"}, {"GET"}, {}))), "MalformedXML");
}

std::string tagging_code(const std::string& header) {
  const auto tags = read_tagging_header(header);
  return tags.ok() ? "" : tags.error().code;
}

TEST(Tags, AreReadFromAHeader) {
  EXPECT_EQ(*read_tagging_header("a=1&b%20c=%2B&d"), (Tags{{"a", "1"}, {"b c", "+"}, {"d", ""}}));
  EXPECT_TRUE(read_tagging_header(std::nullopt)->empty());
}

TEST(Tags, KeepToTheirLimits) {
  std::string ten = "k0=";
  for (int i = 1; i < 10; ++i) ten += "&k" + std::to_string(i) + "=v";
  EXPECT_EQ(tagging_code(ten), "");
  EXPECT_EQ(tagging_code(ten + "&k10=v"), "BadRequest");
  EXPECT_EQ(tagging_code(std::string(128, 'k') + "=" + std::string(256, 'v')), "");
  EXPECT_EQ(tagging_code(std::string(129, 'k') + "=v"), "InvalidTag");
  EXPECT_EQ(tagging_code("k=" + std::string(257, 'v')), "InvalidTag");
  EXPECT_EQ(tagging_code("a=1&a=2"), "InvalidTag");
  EXPECT_EQ(tagging_code("aws:x=1"), "InvalidTag");
  EXPECT_EQ(tagging_code("=1"), "InvalidTag");
  EXPECT_EQ(tagging_code("a=%3C"), "InvalidTag");
  EXPECT_EQ(tagging_code("%D0%BA=%D0%BB"), "");  // letters of any script
}

}  // namespace
}  // namespace tarn::s3
