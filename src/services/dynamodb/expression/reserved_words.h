// The words that an expression may not use as attribute names.
//
// Place: dynamodb/expression. Threads: pure function.
#pragma once

#include <string_view>

namespace tarn::dynamodb {

// Of any case. Source:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
[[nodiscard]] bool is_reserved_word(std::string_view name);

}  // namespace tarn::dynamodb
