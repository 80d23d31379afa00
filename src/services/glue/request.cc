#include "services/glue/request.h"

#include <algorithm>

#include "gateway/system_tags.h"

namespace tarn::glue {
namespace {

// https://docs.aws.amazon.com/glue/latest/webapi/API_GetTables.html: at most 100 a page.
constexpr std::int32_t kMostEntries = 100;

}  // namespace

Result<Owner> owner_of(const Caller& caller, const std::optional<std::string>& catalog_id) {
  if (catalog_id && *catalog_id != caller.account_id) {
    return Error("EntityNotFoundException",
                 "Catalog " + *catalog_id + " not found: this account's is " + caller.account_id +
                     ", which is used where CatalogId is left out.");
  }
  return Owner{caller.account_id, caller.region, caller.arn};
}

PageRequest page_of(const std::optional<std::string>& next_token,
                    const std::optional<std::int32_t>& max_results) {
  PageRequest out;
  if (next_token && !next_token->empty()) out.token = next_token;
  out.limit = static_cast<std::size_t>(std::clamp(max_results.value_or(kMostEntries), 1, 1000));
  return out;
}

Status refuse(bool given, const char* parameter) {
  if (!given) return {};
  return Error("NotImplemented",
               std::string(parameter) + " is not implemented by tarn: leave it out");
}

Status check_tag_key(const Caller& caller, const std::string& key) {
  if (gateway::may_change_tag(caller, key)) return {};
  return Error("InvalidInputException",
               "The tag key " + key + " begins with aws:, which is reserved.");
}

ErrorDetail detail_of(const Error& error) {
  ErrorDetail out;
  out.error_code = error.code;
  out.error_message = error.message;
  return out;
}

}  // namespace tarn::glue
