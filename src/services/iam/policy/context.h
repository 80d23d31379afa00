// Context: what a request is known to be, as the condition keys of policies ask for it.
//
// Place: services/iam/policy; evaluation asks for a key only where a policy names it, so that a
// request pays for nothing that no policy asks. Threads: a context belongs to one request.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tarn::iam::policy {

// The values of one key; most keys have one, keys such as aws:TagKeys several. Empty: the request
// does not have the key.
using Values = std::vector<std::string>;

class Context {
 public:
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  virtual ~Context() = default;

  // `key` is in lower case, as keys are told apart without regard to it: "aws:sourceip",
  // "aws:principaltag/team".
  [[nodiscard]] virtual Values find(std::string_view key) const = 0;
};

// A context whose values were put in beforehand, by lower-case key.
class FixedContext final : public Context {
 public:
  FixedContext() = default;
  explicit FixedContext(std::map<std::string, Values, std::less<>> values)
      : values_(std::move(values)) {}

  [[nodiscard]] Values find(std::string_view key) const override {
    const auto found = values_.find(key);
    return found == values_.end() ? Values() : found->second;
  }

 private:
  std::map<std::string, Values, std::less<>> values_;
};

}  // namespace tarn::iam::policy
