#include "services/dynamodb/expression/projection.h"

#include <map>
#include <optional>
#include <utility>

namespace tarn::dynamodb {
namespace {

// The paths as a tree; a node without children stands for everything below it.
struct Node {
  std::map<PathStep, Node> children;
};

Node tree_of(const std::vector<Path>& paths) {
  Node root;
  for (const auto& path : paths) {
    Node* at = &root;
    for (const auto& step : path) at = &at->children[step];
  }
  return root;
}

std::optional<Value> project_value(const Value& value, const Node& node);

Map project_map(const Map& map, const Node& node) {
  Map out;
  for (const auto& [step, child] : node.children) {
    const auto found = step.is_index ? map.end() : map.find(step.name);
    if (found == map.end()) continue;
    if (auto part = project_value(found->second, child)) out.emplace(step.name, std::move(*part));
  }
  return out;
}

std::optional<Value> project_value(const Value& value, const Node& node) {
  if (node.children.empty()) return value;
  if (const auto* map = value.get<Map>()) {
    Map part = project_map(*map, node);
    if (part.empty()) return std::nullopt;
    return Value{std::move(part)};
  }
  const auto* list = value.get<List>();
  if (list == nullptr) return std::nullopt;
  List part;
  for (const auto& [step, child] : node.children) {
    if (!step.is_index || step.index >= list->size()) continue;
    if (auto element = project_value((*list)[step.index], child))
      part.push_back(std::move(*element));
  }
  if (part.empty()) return std::nullopt;
  return Value{std::move(part)};
}

}  // namespace

Item project(const Item& item, const std::vector<Path>& paths) {
  return project_map(item, tree_of(paths));
}

}  // namespace tarn::dynamodb
