#include "services/dynamodb/expression/placeholders.h"

#include <algorithm>
#include <utility>

#include "services/dynamodb/expression/lexer.h"

namespace tarn::dynamodb {
namespace {

bool is_placeholder(std::string_view key, char sign) {
  if (key.size() < 2 || key.front() != sign) return false;
  return std::all_of(key.begin() + 1, key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// The message for the wrong keys of `map`, or nothing.
template <class Map>
Status check_keys(const Map& map, std::string_view parameter, char sign) {
  if (map.empty()) {
    return Error("ValidationException", std::string(parameter) + " must not be empty");
  }
  for (const auto& entry : map) {
    if (is_placeholder(entry.first, sign)) continue;
    return Error("ValidationException", std::string(parameter) +
                                            " contains invalid key: Syntax error; key: \"" +
                                            entry.first + "\"");
  }
  return {};
}

template <class Map>
Status check_used(const Map& map, const std::set<std::string, std::less<>>& used,
                  std::string_view parameter) {
  std::string unused;
  for (const auto& entry : map) {
    if (used.contains(entry.first)) continue;
    unused.append(unused.empty() ? "" : ", ").append(entry.first);
  }
  if (unused.empty()) return {};
  return Error("ValidationException", "Value provided in " + std::string(parameter) +
                                          " unused in expressions: keys: {" + unused + "}");
}

}  // namespace

Result<Placeholders> Placeholders::make(const Names* names, Values* values) {
  Placeholders out;
  if (names != nullptr) {
    TARN_CHECK(check_keys(*names, "ExpressionAttributeNames", '#'));
    out.names_ = *names;
  }
  if (values != nullptr) {
    TARN_CHECK(check_keys(*values, "ExpressionAttributeValues", ':'));
    out.values_ = std::move(*values);
  }
  return out;
}

Result<std::string> Placeholders::name(std::string_view kind, std::string_view token) {
  const auto found = names_.find(std::string(token));
  if (found == names_.end()) {
    std::string text =
        "An expression attribute name used in the document path is not defined; attribute name: ";
    return invalid_expression(kind, text.append(token));
  }
  used_.emplace(token);
  return found->second;
}

Result<Value> Placeholders::value(std::string_view kind, std::string_view token) {
  const auto found = values_.find(std::string(token));
  if (found == values_.end()) {
    std::string text =
        "An expression attribute value used in expression is not defined; attribute value: ";
    return invalid_expression(kind, text.append(token));
  }
  used_.emplace(token);
  return found->second;
}

Status Placeholders::check_all_used() const {
  TARN_CHECK(check_used(names_, used_, "ExpressionAttributeNames"));
  return check_used(values_, used_, "ExpressionAttributeValues");
}

}  // namespace tarn::dynamodb
