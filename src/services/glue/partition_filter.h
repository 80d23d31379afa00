// Partition filter: the Expression of GetPartitions.
//
// Place: glue. Source of the grammar ("Expression" of
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html): comparisons = <> != < >
// <= >=, IN, BETWEEN, LIKE, IS NULL between a partition key and literals, joined by AND, OR, NOT
// and parentheses. Threads: constant once parsed.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/glue/api.h"

namespace tarn::glue {

class PartitionFilter {
 public:
  // Error: InvalidInputException, saying what does not fit and where, or that a name is no
  // partition key.
  [[nodiscard]] static Result<PartitionFilter> parse(std::string_view expression,
                                                     const std::vector<Column>& keys);

  // `values` are a partition's, in the order of the keys. Keys of number types compare as numbers,
  // others as text.
  [[nodiscard]] bool matches(const std::vector<std::string>& values) const;

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
};

}  // namespace tarn::glue
