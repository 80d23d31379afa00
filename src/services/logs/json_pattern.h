// JsonPattern: which messages that are JSON a search takes, by their properties:
//
//     { ($.level = "ERROR" || $.code >= 500) && $.request.ids[0] = 12* && $.user NOT EXISTS }
//
// Place: services/logs. Threads: constant once made.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace tarn::logs {

class JsonPattern {
 public:
  // `text` with its braces. Error: InvalidParameterException.
  [[nodiscard]] static Result<JsonPattern> parse(std::string_view text);

  // False of what is no JSON.
  [[nodiscard]] bool matches(std::string_view message) const;

 private:
  friend class JsonPatternReader;

  // "name", or an element of a list; every one where `is_any`.
  struct Step {
    std::string name;
    std::optional<std::size_t> index;
    bool is_any = false;
  };
  enum class Operator : std::uint8_t {
    kEqual,
    kUnequal,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kIsTrue,
    kIsFalse,
    kIsNull,
    kExists,
    kNotExists
  };
  struct Comparison {
    std::vector<Step> path;
    Operator op = Operator::kEqual;
    std::optional<double> number;
    std::string text;  // of one that is no number; "*" stands for anything
    std::shared_ptr<const re2::RE2> expression;

    [[nodiscard]] bool holds(const nlohmann::json& message) const;
    [[nodiscard]] bool holds_of(const nlohmann::json& value) const;
    [[nodiscard]] bool equals(const nlohmann::json& value) const;
  };
  enum class Kind : std::uint8_t { kComparison, kAll, kAny };
  struct Node {
    Kind kind = Kind::kComparison;
    Comparison comparison;
    std::vector<Node> parts;

    [[nodiscard]] bool holds(const nlohmann::json& message) const;
  };

  Node root_;
};

}  // namespace tarn::logs
