// Parser: expressions from their text.
//
// Place: dynamodb/expression. Source of grammar and limits:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
// Threads: pure functions; `placeholders` belongs to one request.
//
// Every error is a ValidationException that begins "Invalid {kind}: " and is worded as DynamoDB
// does.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/dynamodb/expression/placeholders.h"
#include "services/dynamodb/expression/syntax.h"

namespace tarn::dynamodb {

inline constexpr std::size_t kMaxExpressionBytes = 4096;
inline constexpr std::size_t kMaxOperators = 300;

// `kind` is the parameter's name: ConditionExpression, FilterExpression or KeyConditionExpression.
[[nodiscard]] Result<Predicate> parse_condition(std::string_view kind, std::string_view expression,
                                                Placeholders& placeholders);

[[nodiscard]] Result<UpdatePlan> parse_update(std::string_view expression,
                                              Placeholders& placeholders);

// The paths of a ProjectionExpression.
[[nodiscard]] Result<std::vector<Path>> parse_projection(std::string_view expression,
                                                         Placeholders& placeholders);

// Error: two of `paths` overlap (one leads into the other) or conflict (one sees a list where the
// other sees a map).
[[nodiscard]] Status check_overlaps(std::string_view kind, const std::vector<Path>& paths);

}  // namespace tarn::dynamodb
