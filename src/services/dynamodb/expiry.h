// Expiry: items whose time to live is over go.
//
// Place: dynamodb; run by the service once a minute. Source:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
// Threads: blocking pool.
#pragma once

#include "base/result.h"
#include "platform/clock.h"
#include "services/dynamodb/catalog.h"
#include "services/dynamodb/item_store.h"

namespace tarn::dynamodb {

// Removes the items whose TTL attribute is a number of seconds before `now`, yet not more than five
// years before it. Errors: those of the store.
Status remove_expired(const Catalog& catalog, ItemStore& items, Timestamp now);

}  // namespace tarn::dynamodb
