// What a template would say of tags and documents that are there.
#include "gateway/present.h"

#include <gtest/gtest.h>

namespace tarn::gateway {
namespace {

using nlohmann::json;

// What the gateway knows of an order.
struct Order {
  json properties = json::object();
  std::map<std::string, std::string> tags;
};

json told(const Order& order, const json& tags, const TagForm& form = {}) {
  json properties = json::object();
  tell_tags(order, tags, properties, form);
  return properties.value("Tags", json());
}

json tag(const char* key, const char* value) {
  return {{"Key", key}, {"Value", value}};
}

TEST(Present, TagsOfServicesAndOfTheStackAreNotTheTemplates) {
  const json there = {tag("aws:cloudformation:stack-name", "s"), tag("team", "red"),
                      tag("own", "x")};
  Order order;
  EXPECT_EQ(told(order, there), json({tag("own", "x"), tag("team", "red")}));
  order.tags = {{"team", "red"}};
  EXPECT_EQ(told(order, there), json::array({tag("own", "x")}));
  // What a template gives itself is its own, and so is what somebody has changed.
  order.properties["Tags"] = json::array({tag("team", "red")});
  EXPECT_EQ(told(order, there), json({tag("own", "x"), tag("team", "red")}));
  order.properties.clear();
  order.tags = {{"team", "blue"}};
  EXPECT_EQ(told(order, there), json({tag("own", "x"), tag("team", "red")}));
}

TEST(Present, TagsHaveTheFormOfTheTemplate) {
  const json map = {{"aws:x", "1"}, {"own", "x"}};
  const json named = json::array({{{"TagKey", "own"}, {"TagValue", "x"}}});
  Order order;
  EXPECT_EQ(told(order, map), json::array({tag("own", "x")}));
  EXPECT_EQ(told(order, map, {.is_map = true}), json({{"own", "x"}}));
  EXPECT_EQ(told(order, named, {.key = "TagKey", .value = "TagValue"}),
            json::array({tag("own", "x")}));
  order.properties["Tags"] = json::object();
  EXPECT_EQ(told(order, map), json({{"own", "x"}}));
  EXPECT_EQ(told(order, json::array()), json::object());
  order.properties = json();  // of an import: nothing is known
  EXPECT_EQ(told(order, json::array()), json());
}

TEST(Present, ADocumentIsAMapUnlessItWasWrittenAsAText) {
  const std::string text = R"({"Statement":[]})";
  EXPECT_EQ(told_document(json(), text), json({{"Statement", json::array()}}));
  EXPECT_EQ(told_document(R"( {"Statement": []} )", text), R"( {"Statement": []} )");
  EXPECT_EQ(told_document("{}", text), json(text));
  EXPECT_EQ(told_document(json(), "no document"), "no document");
}

}  // namespace
}  // namespace tarn::gateway
