// Tokens: the ClientRequestToken of TransactWriteItems, which makes a repeated request do nothing
// twice.
//
// Place: dynamodb. "A client request token is valid for 10 minutes after the first request that
// uses it is completed"
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html).
// Format: docs/formats/dynamodb.md ("Tokens").
// Threads: pure functions; sweep_tokens() waits for the disk.
#pragma once

#include <string>

#include "base/result.h"
#include "gateway/service.h"
#include "platform/clock.h"
#include "services/dynamodb/api.h"
#include "services/dynamodb/item_store.h"

namespace tarn::dynamodb {

[[nodiscard]] Once once_of(const Caller& caller, const std::string& token,
                           const TransactWriteItemsInput& input, Timestamp now);

// Error: IdempotentParameterMismatchException, where the token came with another request before.
[[nodiscard]] Status check_same_request(const Once& once);

// Forgets the tokens that are over. Errors: those of the store.
Status sweep_tokens(store::Store& store, Timestamp now);

}  // namespace tarn::dynamodb
