// DescribeRecord, ListRecordHistory.
#include <algorithm>
#include <utility>

#include "services/servicecatalog/actions.h"
#include "services/servicecatalog/provisioned_products.h"
#include "services/servicecatalog/tell.h"

namespace tarn::servicecatalog {
namespace {

Result<bool> is_searched(const OperationRecord& operation,
                         const std::optional<ListRecordHistorySearchFilter>& filter) {
  if (!filter) return true;
  const std::string key = filter->key.value_or("");
  if (key == "provisionedproduct") return operation.provisioned_id == filter->value.value_or("");
  if (key == "product") return operation.plan.product_id == filter->value.value_or("");
  return invalid("The SearchFilter's Key is provisionedproduct or product.");
}

}  // namespace

Task<Result<DescribeRecordOutput>> handle(DescribeRecord /*tag*/, ServiceCatalog& room,
                                          const Caller& caller, DescribeRecordInput input) {
  const auto operation = room.catalog.find<OperationRecord>(caller.region, input.id);
  if (operation == nullptr) co_return missing(fmt::format("Record {} not found.", input.id));
  TARN_CO_CHECK(check_level(room.identities.authorizer, caller, "servicecatalog:DescribeRecord",
                            level_of(operation->maker, caller)));
  DescribeRecordOutput out;
  out.record_detail = told(caller, *operation);
  auto all = told_outputs(operation->outputs);
  TARN_CO_TRY(out.record_outputs,
              page_of(std::move(all), input.page_token, input.page_size, out.next_page_token));
  co_return out;
}

Task<Result<ListRecordHistoryOutput>> handle(ListRecordHistory /*tag*/, ServiceCatalog& room,
                                             const Caller& caller, ListRecordHistoryInput input) {
  TARN_CO_TRY(const Level level, asked_level(room, caller, "servicecatalog:ListRecordHistory",
                                             input.access_level_filter));
  auto seen = room.catalog.all<OperationRecord>(
      caller.region, [&](const auto& each) { return level_of(each.maker, caller) <= level; });
  std::sort(seen.begin(), seen.end(), [](const auto& one, const auto& other) {
    return std::pair(other->created_ms, other->id) < std::pair(one->created_ms, one->id);
  });
  std::vector<RecordDetail> all;
  for (const auto& each : seen) {
    TARN_CO_TRY(const bool asked, is_searched(*each, input.search_filter));
    if (asked) all.push_back(told(caller, *each));
  }
  ListRecordHistoryOutput out;
  TARN_CO_TRY(out.record_details,
              page_of(std::move(all), input.page_token, input.page_size, out.next_page_token));
  co_return out;
}

}  // namespace tarn::servicecatalog
