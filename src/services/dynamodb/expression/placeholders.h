// Placeholders: what #names and :values of a request's expressions stand for, and which were used.
//
// Place: dynamodb/expression; one per request, shared by its expressions.
// Threads: for one request.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "services/dynamodb/value.h"

namespace tarn::dynamodb {

class Placeholders {
 public:
  using Names = std::map<std::string, std::string>;
  using Values = std::map<std::string, Value>;

  Placeholders() = default;

  // Errors: ValidationException (an empty map, a key without # or :).
  [[nodiscard]] static Result<Placeholders> make(const Names* names, Values* values);

  // What "#name" stands for. Error: ValidationException, beginning "Invalid {kind}: ".
  [[nodiscard]] Result<std::string> name(std::string_view kind, std::string_view token);
  // What ":value" stands for. Error: as above.
  [[nodiscard]] Result<Value> value(std::string_view kind, std::string_view token);

  // Error: ValidationException naming what no expression used.
  [[nodiscard]] Status check_all_used() const;

 private:
  Names names_;
  Values values_;
  std::set<std::string, std::less<>> used_;
};

}  // namespace tarn::dynamodb
