// Request: what the requests of KMS have in common.
//
// Place: services/kms, between the wire's inputs and the key ring. Threads: for one request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "services/kms/api.h"
#include "services/kms/service.h"

namespace tarn::kms {

// The key that a request names, in any state. Errors: NotFoundException (also for an ARN of another
// Region, and for AWS owned keys), InvalidArnException.
[[nodiscard]] Result<KeyView> find_named(KmsService& kms, const Caller& caller,
                                         const std::string& name);

// The same, for use: AWS managed keys are made when they are first named.
[[nodiscard]] Task<Result<KeyView>> obtain_named(KmsService& kms, const Caller& caller,
                                                 std::string name);

// Applies `edit` to a customer's key, durable when it ends. Errors: those of find_named and `edit`;
// AccessDeniedException (the key is AWS's).
[[nodiscard]] Task<Result<KeyView>> change_named(KmsService& kms, const Caller& caller,
                                                 std::string name,
                                                 std::function<Status(Key&)> edit);

// Error: NotImplemented by the parameter's name, where `given`.
[[nodiscard]] Status refuse(bool given, std::string_view parameter);
// A grant counts from the moment it is made, so that tokens are of no use: they must be ones of
// grants that are there. Error: InvalidGrantTokenException.
[[nodiscard]] Status check_grant_tokens(KmsService& kms,
                                        const std::optional<std::vector<std::string>>& tokens);

// Tags by name. Errors: TagException (twice the same, "aws:", more than 50).
[[nodiscard]] Status add_tags(const Caller& caller, const std::vector<Tag>& added,
                              std::map<std::string, std::string>& tags);

// Error: as above ("aws:").
[[nodiscard]] Status remove_tags(const Caller& caller, const std::vector<std::string>& keys,
                                 std::map<std::string, std::string>& tags);

// The marker of the entry `name`, and back. Error: InvalidMarkerException.
[[nodiscard]] std::string marker_of(std::string_view name);
[[nodiscard]] Result<std::string> name_of(const std::optional<std::string>& marker);

// Moves the entries of `all` that follow `marker`, at most `limit`, to `out`, and sets its
// NextMarker and Truncated; `name` gives an entry's place in the order.
template <class Entry, class Response, class Name>
Status take_page(const std::vector<Entry>& all, const std::optional<std::string>& marker,
                 std::size_t limit, Response& out, std::vector<Entry>& page, Name name) {
  TARN_TRY(const std::string after, name_of(marker));
  out.truncated = false;
  for (const Entry& entry : all) {
    if (marker && name(entry) <= after) continue;
    if (page.size() == limit) {
      out.truncated = true;
      out.next_marker = marker_of(name(page.back()));
      break;
    }
    page.push_back(entry);
  }
  return {};
}

}  // namespace tarn::kms
