// Shapes for the codecs' tests, declared by hand as spec/codegen declares them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/clock.h"
#include "wire/access.h"
#include "wire/schema.h"

namespace tarn::wire::testing {

struct Leaf {
  std::string name;
  std::optional<std::string> data;
};

struct Tree {
  std::string title;
  std::optional<std::int32_t> count;
  std::optional<std::int64_t> large;
  std::optional<double> ratio;
  std::optional<bool> flag;
  std::optional<Timestamp> at;
  std::optional<std::vector<Leaf>> leaves;
  std::optional<std::map<std::string, std::string>> tags;
  std::shared_ptr<Tree> inner;
};

inline constexpr std::string_view kColours[] = {"RED", "GREEN"};

inline const Schema kText = {
    .kind = Kind::kString, .name = "Text", .min = 1, .max = 8, .pattern = "[a-zA-Z0-9_.-]+"};
inline const Schema kFree = {.kind = Kind::kString, .name = "Free"};
inline const Schema kBlob = {.kind = Kind::kBlob, .name = "Blob", .max = 8};
inline const Schema kInt = {.kind = Kind::kInteger, .name = "Int", .min = 1, .max = 100};
inline const Schema kLong = {.kind = Kind::kLong, .name = "Long"};
inline const Schema kDouble = {.kind = Kind::kDouble, .name = "Double"};
inline const Schema kBool = {.kind = Kind::kBoolean, .name = "Bool"};
inline const Schema kTime = {.kind = Kind::kTimestamp, .name = "Time"};

inline const Member kLeafMembers[] = {
    {"Name", "Name", Location::kBody, &kText, true, false, TimestampFormat::kDefault,
     access::emplace<&Leaf::name>, access::find<&Leaf::name>},
    {"Data", "Data", Location::kBody, &kBlob, false, false, TimestampFormat::kDefault,
     access::emplace<&Leaf::data>, access::find<&Leaf::data>},
};
inline const Schema kLeaf = {.kind = Kind::kStructure, .name = "Leaf", .members = kLeafMembers};
inline const Schema kLeaves = {.kind = Kind::kList,
                               .name = "Leaves",
                               .max = 3,
                               .element = &kLeaf,
                               .list = &access::kList<Leaf>};
inline const Schema kTags = {
    .kind = Kind::kMap, .name = "Tags", .element = &kFree, .map = &access::kMap<std::string>};

extern const Schema kTree;
inline const Member kTreeMembers[] = {
    {"Title", "Title", Location::kBody, &kText, true, false, TimestampFormat::kDefault,
     access::emplace<&Tree::title>, access::find<&Tree::title>},
    {"Count", "Count", Location::kBody, &kInt, false, false, TimestampFormat::kDefault,
     access::emplace<&Tree::count>, access::find<&Tree::count>},
    {"Large", "Large", Location::kBody, &kLong, false, false, TimestampFormat::kDefault,
     access::emplace<&Tree::large>, access::find<&Tree::large>},
    {"Ratio", "Ratio", Location::kBody, &kDouble, false, false, TimestampFormat::kDefault,
     access::emplace<&Tree::ratio>, access::find<&Tree::ratio>},
    {"Flag", "Flag", Location::kBody, &kBool, false, false, TimestampFormat::kDefault,
     access::emplace<&Tree::flag>, access::find<&Tree::flag>},
    {"At", "At", Location::kBody, &kTime, false, false, TimestampFormat::kDefault,
     access::emplace<&Tree::at>, access::find<&Tree::at>},
    {"Leaves", "Leaves", Location::kBody, &kLeaves, false, false, TimestampFormat::kDefault,
     access::emplace<&Tree::leaves>, access::find<&Tree::leaves>},
    {"Tags", "Tags", Location::kBody, &kTags, false, false, TimestampFormat::kDefault,
     access::emplace<&Tree::tags>, access::find<&Tree::tags>},
    {"Inner", "Inner", Location::kBody, &kTree, false, false, TimestampFormat::kDefault,
     access::emplace<&Tree::inner>, access::find<&Tree::inner>},
};
inline const Schema kTree = {.kind = Kind::kStructure, .name = "Tree", .members = kTreeMembers};

inline Tree full_tree() {
  Tree tree;
  tree.title = "oak";
  tree.count = 7;
  tree.large = -9'007'199'254'740'993;
  tree.ratio = 0.1;
  tree.flag = true;
  tree.at = Timestamp{1'763'841'600'123};
  tree.leaves = {{"a", std::string("\x00\xff\n", 3)}, {"b", std::nullopt}};
  tree.tags = {{"key \"1\"", "ä\n"}, {"z", ""}};
  tree.inner = std::make_shared<Tree>();
  tree.inner->title = "elm";
  return tree;
}

}  // namespace tarn::wire::testing
