#include "services/dynamodb/expiry.h"

#include <utility>

#include "services/dynamodb/keys.h"

namespace tarn::dynamodb {
namespace {

constexpr long long kFiveYears = 5LL * 365 * 24 * 3600;

Predicate has_expired(const std::string& attribute, Timestamp now) {
  Operand path;
  path.kind = Operand::Kind::kPath;
  path.path = {PathStep{attribute, 0, false}};
  Operand from;
  from.value = Value{Decimal::of(now.seconds() - kFiveYears)};
  Operand to;
  to.value = Value{Decimal::of(now.seconds() - 1)};
  Predicate out;
  out.kind = Predicate::Kind::kBetween;
  out.operands = {path, from, to};
  return out;
}

Status remove_expired(const std::shared_ptr<Table>& table, ItemStore& items, Timestamp now) {
  const auto record = table->record();
  if (record->ttl_attribute.empty() || record->status != "ACTIVE") return {};
  const Predicate expired = has_expired(record->ttl_attribute, now);
  Walk walk;
  walk.table = table;
  walk.first = order_prefix(*record, kPrimary);
  walk.last = store::prefix_end(walk.first);
  walk.filter = &expired;
  while (true) {
    TARN_TRY(auto page, items.walk(walk));
    for (const auto& item : page.items) {
      Write write;
      write.kind = Write::Kind::kDelete;
      write.table = table;
      write.item = key_of(*record, nullptr, item);
      // Somebody may have given it more time since it was read.
      write.condition = expired;
      std::vector<Write> writes;
      writes.push_back(std::move(write));
      const auto written = items.write(std::move(writes));
      if (!written.ok() && !written.error().is("ResourceNotFoundException")) return written.error();
    }
    if (!page.stopped_at) return {};
    walk.after = primary_key(*record, *page.stopped_at);
  }
}

}  // namespace

Status remove_expired(const Catalog& catalog, ItemStore& items, Timestamp now) {
  for (const auto& table : catalog.all()) TARN_CHECK(remove_expired(table, items, now));
  return {};
}

}  // namespace tarn::dynamodb
